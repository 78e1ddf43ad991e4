package vending

import "time"

// Zone is where the company does its business: days, months, years and seasons
// are counted in it. China keeps one time and no summer time.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
