package revenue

import "time"

// Inflow is money that came into an account.
type Inflow struct {
	At  time.Time
	Fen int64
}

// Age divides a balance by how long it has been lying there: what came first
// went first. The newest inflow comes first. Of n+1 parts the i-th is younger
// than edges[i], and the last is older than all edges; they add up to the
// balance. What no inflow explains is oldest.
func Age(balance int64, inflows []Inflow, at time.Time, edges []time.Duration) []int64 {
	parts := make([]int64, len(edges)+1)
	for _, in := range inflows {
		if balance <= 0 {
			break
		}
		part := min(balance, in.Fen)
		parts[bucket(at.Sub(in.At), edges)] += part
		balance -= part
	}
	parts[len(edges)] += balance
	return parts
}

func bucket(age time.Duration, edges []time.Duration) int {
	for i, edge := range edges {
		if age < edge {
			return i
		}
	}
	return len(edges)
}
