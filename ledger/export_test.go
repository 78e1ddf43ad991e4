package ledger

import "time"

// ChartSize is the number of classes, so that none goes untested.
var ChartSize = len(chart)

// Encode is what the hash of a link is taken of.
func (l Link) Encode(before Hash) []byte { return l.encode(nil, before) }

// SealHash is the hash of a seal over some heads.
func SealHash(before Hash, no int64, at time.Time, links int64, heads ...Head) Hash {
	s := newSealSum(before, no, at)
	for _, h := range heads {
		s.leaf(h)
	}
	return s.end(links)
}
