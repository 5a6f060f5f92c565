"""The scores of Cox regression on every fold of ../shared/peers/survival_cv.py, for the tests in this folder.

    python folds.py FILE.csv > NAME.folds.json

Rows, folds and scores are those of survival_cv.py: 5 folds x 3 seeds, ridge 0.001. Written with scikit-survival 0.28.0
and pycox 0.3.0, which takes predictions before the first time of the training part from that time. One row a fold:
Antolini's concordance, the same adjusted for ties, the integrated Brier score.
"""
import json
import os
import sys
import warnings

import numpy as np
import pandas as pd
import scipy.integrate

warnings.filterwarnings("ignore")
if not hasattr(scipy.integrate, "simps"):
    scipy.integrate.simps = scipy.integrate.simpson  # the old name, which pycox 0.3 still calls
from pycox.evaluation import EvalSurv
from sklearn.model_selection import KFold
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv

CATEGORICAL = {"pbc": ["edema", "stage"], "nwtco": ["stage"], "std": ["race", "marital", "iinfct", "condom"],
               "flchain": ["sample.yr", "flc.grp"]}

name = os.path.basename(sys.argv[1])[:-4]
table = pd.read_csv(sys.argv[1], float_precision="round_trip")
x = table.drop(columns=["time", "event"])
x = x.fillna(x.median())
x = pd.get_dummies(x, columns=[c for c in CATEGORICAL.get(name, []) if c in x], drop_first=True).astype(float)
time = np.maximum(table.time.values.astype(float), 1e-3 * table.time[table.time > 0].min())
event = table.event.values.astype(bool)
rows = []
for seed in range(3):
    for train, test in KFold(5, shuffle=True, random_state=seed).split(x):
        mean, sd = x.iloc[train].mean(), x.iloc[train].std(ddof=0).replace(0, 1)
        a, b = (x.iloc[train] - mean) / sd, (x.iloc[test] - mean) / sd
        cox = CoxPHSurvivalAnalysis(alpha=1e-3, ties="efron", tol=1e-14).fit(a.values, Surv.from_arrays(event[train], time[train]))
        steps = cox.predict_survival_function(b.values)
        curves = pd.DataFrame(np.stack([s.y for s in steps], 1), index=steps[0].x)
        judge = EvalSurv(curves, time[test], event[test].astype(int), censor_surv="km")
        grid = np.linspace(time[test].min(), time[test].max(), 100)
        rows.append([judge.concordance_td("antolini"), judge.concordance_td("adj_antolini"),
                     judge.integrated_brier_score(grid)])
print(json.dumps(rows))
