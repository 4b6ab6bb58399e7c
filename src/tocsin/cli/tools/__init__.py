"""Tools that work on files alone: no node, no database.

``detect``           the command
``series_files``     series as R's surveillance writes them out: one row a series and week
``count_files``      series in a plain long file: series, date, count
``text_files``       opening either, packed or not, within limits
``cells``            a count, a day
``held_series``      series as they were read, and the blocks that a method is given
``setting_files``    named settings of a method, with years per dataset
``judgement_files``  what a method said, one row a judged week
``cluster``          the same work on the machines of a Dask cluster
"""
