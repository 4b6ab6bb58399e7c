"""A released alert in every form that machines and people read, from one plain document.

``document``       the alert as plain values, checked when made
``cap``            CAP 1.2 XML, written, checked and read
``atom``           feed of the public alerts
``json_document``  JSON
``sms``            text message with its length
"""
