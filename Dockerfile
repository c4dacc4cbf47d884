# Two stages: what builds stays behind, what runs is Python, the package and nobody's shell tools.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY mockserver ./mockserver
COPY fixtures ./fixtures
RUN python -m venv --without-pip /opt/sparkbox \
 && python -m pip --python /opt/sparkbox/bin/python install --no-cache-dir .

FROM python:3.12-slim
# A volume takes over the owner of the directory that it is mounted on.
RUN useradd --system --uid 10001 --create-home --home-dir /home/sparkbox sparkbox \
 && install --directory --owner=sparkbox --mode=700 /home/sparkbox/authority
COPY --from=build /opt/sparkbox /opt/sparkbox
ENV PATH=/opt/sparkbox/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SPARKBOX_HOME=/home/sparkbox/authority
# Python's image has no bytecode of its library, and the user below cannot write any: every start would compile it.
RUN sparkbox operations > /dev/null \
 && python -c "import httpx, sparkbox.control, sparkbox.server.server, sparkbox.server.smtp.session, trustme, urllib.request"
USER sparkbox
EXPOSE 8025 8443 8026 2525 4650
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s --retries=6 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8025/_mock/health', timeout=1)"]
# A container has to listen on all of its interfaces; publish the ports on the host's loopback only.
ENTRYPOINT ["sparkbox"]
CMD ["serve", "--host", "0.0.0.0"]
