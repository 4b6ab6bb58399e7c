"""How complete, timely and settled evidence is: counted per sender, type of event and month."""
