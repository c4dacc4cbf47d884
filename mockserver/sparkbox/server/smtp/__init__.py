"""The SMTP relays of all services on one listener; a login's user name says whose it is.

:mod:`.listener` accepts connections, :mod:`.session` has the bytes of one, and :mod:`.dialogue` its state. Commands are
in :mod:`.commands`, those of a mail in :mod:`.transaction`. :mod:`.gateway` hands logins and mails to the services.
Sessions are imported with the first connection.
"""
