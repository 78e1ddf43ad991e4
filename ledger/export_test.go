package ledger

// ChartSize is the number of classes, so that none goes untested.
var ChartSize = len(chart)
