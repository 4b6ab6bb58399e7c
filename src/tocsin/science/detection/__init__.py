"""Finding what is unusual in counts and dates: one method a file, no method changes silently.

What is new:
``first_detections``      what was never seen before, at which level it is new
``combinations``          substances found together more often than chance

Methods over weekly counts, each ``detect_…(counts, settings) -> Judgements`` (``judgements``):
``emergence``             first detection, then one rise, then quiet; the node's own method
``farrington_flexible``   the recognised reference, at parity with R
``ears``                  C1, C2 and C3
``spike_rule``            a window's count over mean + k SD of its own past; the simple baseline
``sparse``                the exact test for rare events
``time_between_events``   events that come closer together than they used to
``cusum``                 small evidence accumulated
``methods``               all of them by name, over blocks of series

Around them:
``false_discoveries``     which of thousands of small p-values are told
``nowcast``               what has happened and is not yet reported
``scan``                  clusters in space and time
``emergences``            alarms of one rise grouped into one emergence
"""
