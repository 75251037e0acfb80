"""Closing a month: what is checked, what is frozen, and the certificate that says so."""

from coco_warehouse.close.closing import Closed, close_month
from coco_warehouse.close.errors import CloseError
from coco_warehouse.close.verifying import verify_certificate

__all__ = ["CloseError", "Closed", "close_month", "verify_certificate"]
