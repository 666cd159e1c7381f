"""Forecasts of other methods for baselines_bench.py. Each returns arrays expected, low, high (95 %) by window."""
import logging
import time
import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.holtwinters import ExponentialSmoothing

logging.getLogger("cmdstanpy").disabled = True
logging.getLogger("prophet").disabled = True
HISTORY_DAYS = 28  # of the methods that are fitted anew each day
Z = 1.959964


class Forecasts:
    def __init__(self, size):
        self.expected, self.low, self.high = (np.full(size, np.nan) for _ in range(3))
        self.cost_s = 0.0  # processor time; of one fit and its day of forecasts after another
        self.days = 0

    def put(self, at, expected, low, high):
        self.expected[at], self.low[at], self.high[at] = expected, low, high


def last_week(series):
    """The value a week ago; interval: empirical quantiles of these differences in all weeks before."""
    return naive(series, 7 * series.per_day, delay=series.per_day)


def last_value(series):
    return naive(series, 1, delay=1)


def naive(series, lag, delay):
    values = series.values.to_numpy()
    out = Forecasts(len(values))
    start = time.process_time()
    ahead = np.full(len(values), np.nan)
    ahead[lag:] = values[:-lag]
    errors = values - ahead
    for begin, end in series.blocks():
        known = errors[:begin][np.isfinite(errors[:begin])]
        # In the second week nothing a week apart was seen: differences between days have to do.
        if series.has_days and len(known) < series.per_day:
            known = (values[series.per_day:begin] - values[:begin - series.per_day])
            known = known[np.isfinite(known)]
        low, high = np.quantile(known, [0.025, 0.975])
        at = slice(begin, end)
        out.put(at, ahead[at], ahead[at] + low, ahead[at] + high)
        out.days += 1
    out.cost_s = time.process_time() - start
    return out


def mean_so_far(series):
    """The mean of all values before the block; interval: their empirical quantiles."""
    values = series.values.to_numpy()
    out = Forecasts(len(values))
    for begin, end in series.blocks():
        known = values[:begin][np.isfinite(values[:begin])]
        out.put(slice(begin, end), np.mean(known), *np.quantile(known, [0.025, 0.975]))
    out.days = 1
    return out


def prophet(series):
    """A block ahead, fitted before it to the last four weeks; its defaults, daily and weekly season."""
    from prophet import Prophet
    out = Forecasts(len(series.values))
    frame = pd.DataFrame({"ds": series.values.index, "y": series.values.to_numpy()})
    np.random.seed(1)
    for begin, end in series.blocks():
        history = frame.iloc[max(0, begin - HISTORY_DAYS * series.per_day):begin].dropna()
        begin_time = time.process_time(), children_time()
        model = Prophet(interval_width=0.95, daily_seasonality=series.has_days,
                        weekly_seasonality=series.has_days, yearly_seasonality=False)
        model.fit(history)
        made = model.predict(frame.iloc[begin:end][["ds"]])
        out.cost_s += time.process_time() - begin_time[0] + children_time() - begin_time[1]
        out.days += 1
        out.put(slice(begin, end), made["yhat"], made["yhat_lower"], made["yhat_upper"])
    return out


def children_time():
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class HoltWinters:
    """Additive season of a day and damped trend, fitted each day to the last two weeks; values within the day move its
    state with the fitted parameters. Intervals: Hyndman & Athanasopoulos, Forecasting (3rd ed.), table 8.8."""

    def __init__(self, series):
        self.next = Forecasts(len(series.values))
        self.day = Forecasts(len(series.values))
        period = series.per_day if series.has_days else None
        values = series.values.to_numpy()
        filled = series.values.interpolate(limit_direction="both").to_numpy()
        for begin, end in series.blocks():
            start = time.process_time()
            self.forecast_day(filled[max(0, begin - 14 * series.per_day):begin], values, begin, end, period)
            self.next.cost_s += time.process_time() - start
            self.next.days += 1
        self.day.cost_s, self.day.days = self.next.cost_s, self.next.days

    def forecast_day(self, history, values, begin, end, period):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = ExponentialSmoothing(history, trend="add", damped_trend=True, seasonal="add" if period else None,
                                       seasonal_periods=period, initialization_method="heuristic").fit()
        alpha, beta, gamma, phi = (fit.params[k] for k in
                                   ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend"))
        sigma = np.sqrt(np.mean((history - fit.fittedvalues) ** 2))
        level, slope = fit.level[-1], fit.trend[-1]
        season = list(fit.season[-period:]) if period else [0.0]
        gamma, period = (gamma, period) if period else (0.0, 1)
        steps = np.arange(1, end - begin + 1)
        damping = np.cumsum(phi ** steps)
        ahead = level + slope * damping + np.array([season[(k - 1) % period] for k in steps])
        influence = alpha + beta * damping + gamma * (steps % period == 0)
        spread = Z * sigma * np.sqrt(1 + np.concatenate([[0], np.cumsum(influence ** 2)[:-1]]))
        self.day.put(slice(begin, end), ahead, ahead - spread, ahead + spread)
        for i in range(begin, end):
            expected = level + phi * slope + season[0]
            self.next.put(i, expected, expected - Z * sigma, expected + Z * sigma)
            value = values[i] if np.isfinite(values[i]) else expected
            was, damped = level, phi * slope
            level = alpha * (value - season[0]) + (1 - alpha) * (was + damped)
            slope = beta * (level - was) + (1 - beta) * damped
            season.append(gamma * (value - was - damped) + (1 - gamma) * season.pop(0))
