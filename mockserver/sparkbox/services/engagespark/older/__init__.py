"""The older API, still called by clients: contacts by the batch, custom fields, SMS to many, the balance.

https://github.com/engagespark/api-docs. It is a Django application at start.engagespark.com: results are in
``{"data": […]}``, times carry the Philippines' offset, and a wrong token gets ``{"detail": …}``.
"""
