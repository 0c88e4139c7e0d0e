"""Common nouns, the things people give, and the places where they meet."""

from __future__ import annotations

# Without the nouns that the carriers of lists use themselves ("on the table were").
_NOUNS = """
    apple arrow axe ball band bank barn barrel basin basket bath bay bead bean bear beard bed
    bee bell belt bench bible bird blade blanket board boat bone boot bottle bow bowl branch
    brick bridge brush bucket bull bundle bush button cabin cage cake camel candle cap card
    carpet carrot cart castle cat cave chain chair cherry chest chicken church circle clock
    cloud coach coast coat coin comb cook cord cottage cow cradle crow crown cup curtain dart
    deer desk dish dog doll donkey door dove dress drum duck eagle ear egg engine eye face fan
    farm feast feather fence fiddle field fig finger fire fish flag flame flower flute foot
    forest fork fox frame frog garden gate glass glove goat goose grape gun hall hammer hand
    harp hat hawk head heart hen hill hook horn horse hut island jar jewel jug kettle key kite
    knee knife knot ladder lake lamb lamp leaf leg lemon lesson letter lily lion lock log map
    mask mat match meadow meal medal melon mill mine mirror moon mountain mouse mouth mug nail
    neck needle nest net nose nut oak oar onion orange oven owl ox pan paper parrot path peach
    pear pearl pen pencil penny pepper piano picture pie pig pigeon pillow pin pipe pit plate
    plough plum pocket pole pond pony pool post pot potato pump purse rabbit rail rake rat
    ribbon ring river road robe rock roof room root rope rug ruler saddle sail saw scarf seed
    shawl sheep sheet shelf shell ship shirt shoe shovel snake sofa spade sparrow spear spider
    spoon spring squirrel star statue stick stone stool story stove sun swan sword tail tent
    thread ticket tie tiger tin tomato toy train trap tray tree trumpet tub tulip turkey turtle
    umbrella valley vase veil vine violin wagon watch web well whale wheel whip whistle window
    wing wolf worm yard
"""
_GIFTS = """
    apple ball basket bell blanket book bottle bow bowl box brush button cake candle card chair
    clock coat coin cup doll dress drink drum egg feather fish flag flower flute glass glove hammer
    hat horn jar kettle key kite knife ladder lamp lemon letter map medal mirror needle net orange
    pear pen pencil picture pie pillow pipe plate present purse ribbon ring rope scarf shell shirt
    shovel spoon stick stone sword ticket toy umbrella vase violin watch whistle
"""
_PLACES = """
    bakery bank barn beach bridge camp castle church cottage factory fair farm forest garden
    gate hall harbour hospital hotel house inn kitchen lake library market meadow mill museum
    office palace park pond river school shop stable station store theatre tower well
"""


def with_article(noun: str) -> str:
    """The noun after "a" or "an"; by its first letter, which is right for the nouns here."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


NOUNS = tuple(_NOUNS.split())
GIFTS = tuple(with_article(noun) for noun in _GIFTS.split())
PLACES = tuple(f"the {place}" for place in _PLACES.split())
