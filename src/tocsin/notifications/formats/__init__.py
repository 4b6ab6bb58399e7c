"""A package in every form that people and machines read, from one plain document.

``document``       the package as plain values
``record``         a report as the published event record writes it
``json_document``  JSON, written and read
``pdf``            PDF, tagged
``docx``           DOCX, to be edited
"""
