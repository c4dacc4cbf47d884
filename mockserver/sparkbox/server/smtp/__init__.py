"""The SMTP relays of all services on one listener; a login's user name says whose it is.

:mod:`.listener` accepts connections, :mod:`.session` speaks the protocol on one, and :mod:`.gateway` hands logins and
mails to the services. aiosmtpd is imported with the first connection.
"""
