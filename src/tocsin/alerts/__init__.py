"""Who must know: alerts drafted, released by a second person, updated, cancelled."""
