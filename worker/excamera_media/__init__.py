"""Any video in, a proper file out: what surrounds the codec.

`index` lists a source's frames without decoding them, `cut` says what one chunk needs of them,
`frames` decodes exactly that, and `join` turns the encoded chunks into one WebM or IVF. The
command `excamera-media` does each in a process of its own, so that hostile media can end that
process and nothing else.

`index`, `cut`, `timeline`, `manifest` and `errors` import no media library: the planner uses them.
"""
