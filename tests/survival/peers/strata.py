"""Stratified log-rank tests of statsmodels, for the tests in this folder.

    python strata.py FILE.csv > NAME.strata.json

Written with statsmodels 0.15.0. Rows are prepared as in more.py; the stratum of row i is i mod 3.
"""
import json
import os
import sys

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import survdiff

GROUPS = {"whas": "sex", "pbc": "stage", "nwtco": "stage", "std": "race", "flchain": "sex"}

table = pd.read_csv(sys.argv[1], float_precision="round_trip").dropna()
table = table[table.time > 0].reset_index(drop=True)
group = table[GROUPS[os.path.basename(sys.argv[1])[:-4]]]
strata = np.arange(len(table)) % 3
out = {}
for name, weight in [("logrank", None), ("wilcoxon", "gb"), ("tarone-ware", "tw")]:
    out[name] = [float(v) for v in survdiff(table.time, table.event, group, weight_type=weight, strata=strata)]
print(json.dumps(out))
