package gateway_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/gateway"
)

func TestCalendarOfReadings(t *testing.T) {
	t.Parallel()
	plain, often := gateway.DefaultCalendar(), gateway.DefaultCalendar()
	often.Each = 7 * time.Hour
	for _, c := range []struct {
		calendar    gateway.Calendar
		after, want string
	}{
		{plain, "2026-11-05T12:00:00+08:00", "2026-11-06T02:00:00+08:00"},
		{plain, "2026-11-06T01:59:59+08:00", "2026-11-06T02:00:00+08:00"},
		{plain, "2026-11-06T02:00:00+08:00", "2026-11-07T02:00:00+08:00"},
		{plain, "2026-11-05T18:00:00Z", "2026-11-07T02:00:00+08:00"}, // it is 02:00 of the 6th in China
		{plain, "2026-11-25T02:00:00+08:00", "2026-12-06T02:00:00+08:00"},
		{plain, "2026-12-31T23:00:00+08:00", "2027-01-06T02:00:00+08:00"},
		{often, "2026-11-06T02:00:00+08:00", "2026-11-06T09:00:00+08:00"},
		{often, "2026-11-06T15:59:00+08:00", "2026-11-06T16:00:00+08:00"},
		{often, "2026-11-06T23:00:00+08:00", "2026-11-07T02:00:00+08:00"},
	} {
		after, _ := time.Parse(time.RFC3339, c.after)
		if got := c.calendar.Next(after); got.Format(time.RFC3339) != c.want {
			t.Errorf("after %s comes %v, want %s", c.after, got, c.want)
		}
	}
}

// The next time is later, on a day of the calendar, and none lies between.
func TestCalendarSkipsNoReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := gateway.DefaultCalendar()
		c.From = rapid.IntRange(1, 28).Draw(t, "from")
		c.To = rapid.IntRange(c.From, 31).Draw(t, "to")
		c.At = time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "at")) * time.Minute
		c.Each = time.Duration(rapid.IntRange(1, 24*60).Draw(t, "each")) * time.Minute
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		after := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "after"), 0)
		next := c.Next(after)
		if !next.After(after) || next.Day() < c.From || next.Day() > c.To {
			t.Fatalf("after %v comes %v", after, next)
		}
		if between := c.Next(after.Add(next.Sub(after) / 2)); between != next {
			t.Fatalf("%v lies between %v and %v", between, after, next)
		}
	})
}

func TestWhatIsNoCalendar(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]gateway.Calendar{
		"nothing": {}, "day 0": {From: 0, To: 5}, "day 32": {From: 1, To: 32}, "backwards": {From: 9, To: 8},
		"not in February": {From: 29, To: 31}, "hour 24": {From: 1, To: 2, At: 24 * time.Hour},
		"every second": {From: 1, To: 2, Each: time.Second}, "before midnight": {From: 1, To: 2, At: -1},
	} {
		if c.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
