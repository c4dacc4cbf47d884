"""Several processes on the ports of one sandbox: ``sparkbox serve --workers N``.

Each account lives in one worker. Whichever accepts a connection reads the requests on it, and hands each to the worker
of its account over a socket (:mod:`.link`). :mod:`.placement` tells which that is. A connection that is kept moves to
that worker (:mod:`.connections`). :mod:`.control` calls all of them where a call of the control API is about all
accounts, and :mod:`.merging` makes one response of theirs.
"""
