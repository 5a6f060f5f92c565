"""What lifelines says when patients have weights, for the tests in this folder.

    python weights.py FILE.csv > NAME.weights.json

Written with lifelines 0.30.3. Rows are prepared as in more.py; the weight of row i is 1/2 + (i mod 4) in regressions and
1 + (i mod 4) in curves and tests, since lifelines cuts the number at risk to a whole one in bands. Entries are those of
more.py. Times of the grid lie between times of the table, so that the last digit of neither matters.
"""
import json
import os
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
from lifelines import CoxPHFitter, KaplanMeierFitter, NelsonAalenFitter, WeibullAFTFitter
from lifelines.statistics import multivariate_logrank_test

GROUPS = {"whas": "sex", "pbc": "stage", "nwtco": "stage", "std": "race", "flchain": "sex"}

path = sys.argv[1]
name = os.path.basename(path)[:-4]
table = pd.read_csv(path, float_precision="round_trip").dropna()
table = table[table.time > 0].drop(columns=["true_log_hazard"], errors="ignore").reset_index(drop=True)
raw = table.drop(columns=["time", "event"]).astype(float)
x = (raw - raw.mean()) / raw.std(ddof=0)
place = np.arange(len(table))
weight = 0.5 + place % 4
frame = x.assign(time=table.time.values, event=table.event.values, weight=weight)
precise = {"precision": 1e-12}
out = {}

cox = CoxPHFitter().fit(frame, "time", "event", weights_col="weight", fit_options=precise)
out["cox"] = {"coefficients": cox.params_.tolist(), "standard_errors": cox.standard_errors_.tolist(),
              "log_likelihood": cox.log_likelihood_}
grid = np.quantile(table.time[table.event == 1], np.linspace(0.1, 0.9, 9)) * (1 + 1e-9)
base = cox.baseline_cumulative_hazard_.iloc[:, 0]
out["times"] = grid.tolist()
out["cox"]["baseline"] = base.iloc[np.searchsorted(base.index.values, grid, side="right") - 1].tolist()
robust = CoxPHFitter().fit(frame, "time", "event", weights_col="weight", robust=True, fit_options=precise)
out["cox"]["robust"] = robust.standard_errors_.tolist()

aft = WeibullAFTFitter().fit(frame, "time", "event", weights_col="weight")
out["weibull_aft"] = {"coefficients": aft.params_["lambda_"].drop("Intercept").tolist(),
                      "columns": list(aft.params_["lambda_"].drop("Intercept").index),
                      "log_shape": aft.params_["rho_"]["Intercept"], "log_likelihood": aft.log_likelihood_}

at = lambda frame: frame.iloc[np.searchsorted(frame.index, grid, side="right") - 1]
whole = 1 + place % 4
km = KaplanMeierFitter().fit(table.time, table.event, weights=whole)
band = at(km.confidence_interval_)
out["kaplan_meier"] = {"survival": at(km.survival_function_).iloc[:, 0].tolist(), "lower": band.iloc[:, 0].tolist(),
                       "upper": band.iloc[:, 1].tolist()}
entry = table.time * ((place % 4) / 5.0)
km = KaplanMeierFitter().fit(table.time, table.event, weights=whole, entry=entry)
out["kaplan_meier"]["late"] = at(km.survival_function_).iloc[:, 0].tolist()
na = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(table.time, table.event, weights=whole)
out["nelson_aalen"] = at(na.cumulative_hazard_).iloc[:, 0].tolist()

group = table[GROUPS[name]]
for weightings in [None, "wilcoxon"]:
    test = multivariate_logrank_test(table.time, group, table.event, weights=whole, weightings=weightings)
    out["logrank" if weightings is None else weightings] = [test.test_statistic, test.p_value]
print(json.dumps(out))
