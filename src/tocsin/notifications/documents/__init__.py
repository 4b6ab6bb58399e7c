"""From the record to a document: pure functions over plain values, one file a family of packages.

``source``         what documents are made from
``collecting``     items and gaps of a section, over all sources
``tables``         findings and their identification
``statements``     what people add that no field holds
``legal``          what the rules of law loaded say of a substance
``early_warning``  first detection and event package
``drug_alert``     drug alert notification, items (a) to (j)
``building``       a whole document of any kind
"""
