package gateway

import (
	"fmt"
	"slices"
	"time"
)

// point is a Point and how it is going. It is Run's alone.
type point struct {
	Point
	due       time.Time // when the schedule wants it
	notBefore time.Time // it is left alone until then
	free      time.Time // the gap is over
	failures  int
	gone      bool // from the bus
}

// Follow has the bus ask these meters from now on: as soon as the conversation that is under way has ended, for which it does not wait. A
// meter that was on the bus and is asked in the same Way does not notice; one that is asked in another way is no longer set aside; a new one
// is read as those of a bus that starts. Jobs that wait for a meter that is gone end in ErrNoMeter, the others wait on. It fails, and
// nothing changes, where a meter is there twice or too many are. Of two calls the last one counts.
func (b *Bus) Follow(points []Point) error {
	if len(points) > MaxPoints {
		return fmt.Errorf("%d meters, at most %d", len(points), MaxPoints)
	}
	seen := make(map[string]bool, len(points))
	for _, p := range points {
		if seen[p.Meter] {
			return fmt.Errorf("meter %s is there twice", p.Meter)
		}
		seen[p.Meter] = true
	}
	for {
		select {
		case b.coming <- slices.Clone(points):
			return nil
		default:
		}
		select {
		case <-b.coming: // nobody has taken it up yet
		default:
		}
	}
}

// Leave has Run end as soon as the conversation that is under way has ended; whoever waits is told ErrStopped.
func (b *Bus) Leave() { b.leave() }

func (b *Bus) left() bool {
	select {
	case <-b.leaving:
		return true
	default:
		return false
	}
}

// become takes on the points that are wanted.
func (b *Bus) become(wanted []Point) {
	before := make(map[string]*point, len(b.points))
	for _, p := range b.points {
		p.gone = true
		before[p.Meter] = p
	}
	due := b.schedule.Next(time.Now().Add(-missed))
	b.points = b.points[:0]
	for _, w := range wanted {
		if w.Address == "" {
			w.Address = w.Meter
		}
		p, known := before[w.Meter]
		if !known {
			p = &point{due: due}
		}
		if p.gone = false; !known || p.Way != w.Way {
			p.Point, p.failures, p.notBefore = w, 0, time.Time{}
		}
		b.points = append(b.points, p)
	}
}

func (b *Bus) find(meter string) *point {
	for _, p := range b.points {
		if p.Meter == meter {
			return p
		}
	}
	return nil
}
