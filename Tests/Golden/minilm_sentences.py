"""Sentences of our own for the real model: short and long ones, accents, other scripts, digits, rare words."""

SENTENCES = [
    ("A warm, funny film that trusts its audience.", "positive"),
    ("Dull.", "negative"),
    ("I checked my watch four times before the opening titles had finished, and twice during them.", "negative"),
    ("Wonderful!", "positive"),
    ("The café scene alone – naïve, tender and utterly unhurried – is worth the price of a ticket.", "positive"),
    ("Two hours and 17 minutes of people shouting in corridors; somewhere in there a plot was mislaid.", "negative"),
    (
        "What begins as a small story about a lighthouse keeper and her radio turns, almost without one noticing, into "
        "the most generous film about loneliness in years: nobody is mocked, nobody is rescued, and when the storm "
        "finally comes the camera has the good sense to stay indoors and simply listen to it with her.",
        "positive",
    ),
    (
        "The screenplay explains every joke, the music explains every feeling, and just in case somebody in the back "
        "row is still unsure what to think, a narrator turns up in the last ten minutes to explain the ending as well.",
        "negative",
    ),
    ("Not good, not even bad in an interesting way.", "negative"),
    ("It shouldn't work, and yet it does.", "positive"),
    ("東京 has rarely looked this lonely on screen.", "positive"),
    ("An anthropomorphised toaster delivers the most convincing performance.", "negative"),
    ("Sharp writing, sharper acting.", "positive"),
    ("The sequel nobody asked for, made by people who seem to agree.", "negative"),
    ("Every frame is composed with such patience that the silence between two sisters becomes a third.", "positive"),
    ("Predictable from the poster onwards.", "negative"),
    ("I laughed, I winced, I called my brother on the way home.", "positive"),
    (
        "There is a very decent short film hidden in here, and it is a pity that the other hundred minutes kept on "
        "walking in front of it.",
        "negative",
    ),
    ("10/10, would cry again :-)", "positive"),
    ("A joyless, over-lit, under-written chore.", "negative"),
]
