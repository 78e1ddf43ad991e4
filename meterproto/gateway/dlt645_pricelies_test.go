package gateway_test

import (
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// meddled is a meter to whose answers something happens.
type meddled struct {
	*metersim.DLT645
	meddle func(asked, answer *dlt645.Frame)
}

func (m *meddled) Answer(request []byte) []byte {
	answer, err := dlt645.Decode(nil, m.DLT645.Answer(request))
	if err != nil {
		return nil
	}
	asked, err := dlt645.Decode(nil, request)
	if err != nil {
		return nil
	}
	m.meddle(&asked, &answer)
	b, err := answer.AppendTo(nil)
	if err != nil {
		panic(err) // too long
	}
	return b
}

// asks reports whether a frame asks for, or says, this identifier.
func asks(f *dlt645.Frame, di uint32) bool {
	return len(f.Data) >= 4 && f.Data[0] == byte(di) && f.Data[1] == byte(di>>8) && f.Data[2] == byte(di>>16) && f.Data[3] == byte(di>>24)
}

// liesOf has answers from one on name the other set of the ladder, in status word 3; another bit turns over with that one, and the sum stays right.
func liesOf(before, lies int) func(asked, answer *dlt645.Frame) {
	return func(asked, answer *dlt645.Frame) {
		if !asks(asked, dlt645.StatusWord3) {
			return
		}
		if before--; before >= 0 {
			return
		}
		if lies--; lies >= 0 {
			answer.Data[4] ^= 0x08
			answer.Data[5] ^= 0x08
		}
	}
}

// meddling is a meter that charges the old list, from its second set, and notices when it charges neither list.
func meddling(meddle func(asked, answer *dlt645.Frame)) (*guarded, *meddled, gateway.DLT645) {
	_, slave, d := priced(tables())
	m := &guarded{living: living{state: slave.Meter.Snapshot()}}
	slave.Meter = m
	return m, &meddled{slave, meddle}, d
}

// One answer that names the wrong set has nothing written into the set in force, whichever answer it is.
func TestOneLieDoesNotMakeASetTheSpareOne(t *testing.T) {
	t.Parallel()
	for at := range 6 {
		m, slave, d := meddling(liesOf(at, 1))
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			r := d.SetPrices(t.Context(), line, electricNumber, dear())
			if r.Outcome != meterproto.Done {
				t.Errorf("answer %d: %v, %v", at, r.Outcome, r.Reason)
			}
			slave.meddle = func(_, _ *dlt645.Frame) {}
			m.hour()
			wantPrices(t, d, line, dear())
			if len(m.wrong) > 0 {
				t.Errorf("answer %d: in force: %+v", at, m.wrong[0])
			}
		})
	}
}

// Where the sets have changed over behind our back, or it seems so, no change is ordered.
func TestSetsThatChangedOverMeanwhileAreLeft(t *testing.T) {
	t.Parallel()
	for _, at := range []int{2, 3} { // two answers before the set is written, two after it
		m, slave, d := meddling(liesOf(at, 1_000))
		withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
			r := d.SetPrices(t.Context(), line, electricNumber, dear())
			due := m.Snapshot().Electric.Change[1]
			if r.Outcome == meterproto.Done || r.Reason == nil || due.Year() != 2099 {
				t.Errorf("from answer %d: %v, %v; the change is due at %v", at, r.Outcome, r.Reason, due)
			}
		})
	}
}

// One answer that says that there is no ladder, or a shorter one, or fewer tariffs, changes nothing in what is written.
func TestOneLieDoesNotMakeALadderOther(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(asked, answer *dlt645.Frame){
		"no ladder":    func(_, answer *dlt645.Frame) { answer.Control, answer.Data = answer.Control.Refusal(), []byte{0x02} },
		"no step":      func(_, answer *dlt645.Frame) { answer.Data[4] = 0 },
		"a step fewer": func(_, answer *dlt645.Frame) { answer.Data[4] = 2 },
	} {
		for at := range 2 {
			before := at
			m, slave, d := meddling(func(asked, answer *dlt645.Frame) {
				if asks(asked, 0x04000207) {
					if before--; before == -1 {
						lie(asked, answer)
					}
				}
			})
			withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
				if got, err := d.Prices(t.Context(), line, electricNumber); err != nil || len(got.Fen) != 3 {
					t.Errorf("%s, answer %d: %+v, %v", name, at, got, err)
				}
				before = at
				r := d.SetPrices(t.Context(), line, electricNumber, dear())
				if m.hour(); r.Outcome != meterproto.Done || len(m.wrong) > 0 {
					t.Errorf("%s, answer %d: %v, %v; in force: %+v", name, at, r.Outcome, r.Reason, m.wrong)
				}
				wantPrices(t, d, line, dear())
				if tariffs := m.Snapshot().Electric.Sets; tariffs[0].Tariffs != [4]int64{} || tariffs[1].Tariffs != [4]int64{} {
					t.Errorf("%s, answer %d: tariffs were written: %+v", name, at, tariffs)
				}
			})
		}
	}
}

// However long it took to write the set, the change is not past when the meter hears of it, by a minute.
func TestChangeIsAheadOnASlowLine(t *testing.T) {
	t.Parallel()
	var m *guarded
	m, slave, d := meddling(func(asked, _ *dlt645.Frame) {
		now := m.Snapshot()
		if ahead := now.Electric.Change[1].Sub(now.Time); asked.Control == dlt645.WriteData && asks(asked, 0x04000109) && ahead < time.Minute {
			t.Errorf("told to change over in %v", ahead)
		}
		m.passes(10 * time.Second)
	})
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		if r := d.SetPrices(t.Context(), line, electricNumber, dear()); r.Outcome != meterproto.Done {
			t.Errorf("%v, %v", r.Outcome, r.Reason)
		}
		if m.hour(); len(m.wrong) > 0 {
			t.Errorf("in force: %+v", m.wrong[0])
		}
		wantPrices(t, d, line, dear())
	})
}

// Whichever answer a change of the sets falls behind, of those that somebody else has ordered: the meter ends up with the list it is told.
func TestSetsThatChangeOverBetweenTwoAnswers(t *testing.T) {
	t.Parallel()
	for at := range 30 {
		for name, want := range map[string]meterproto.Prices{"old": cheap(), "new": dear()} {
			answers := 0
			var m *guarded
			m, slave, d := meddling(func(_, _ *dlt645.Frame) {
				if answers++; answers == at+1 {
					m.passes(time.Minute)
				}
			})
			_ = m.Change(func(s *metersim.State) {
				s.Electric.Sets[0] = metersim.PriceSet{Steps: [3]int64{200_000, 480_001, 99_999_998}, Ladder: [4]int64{5_200, 5_700, 8_200, 8_200}}
				s.Electric.Change[1] = s.Time.Add(time.Minute).Truncate(time.Minute)
			})
			withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
				r := d.SetPrices(t.Context(), line, electricNumber, want)
				if m.hour(); r.Err() != nil || len(m.wrong) > 0 {
					t.Errorf("%s, answer %d: %v, %v; in force: %+v", name, at, r.Outcome, r.Reason, m.wrong)
				}
				wantPrices(t, d, line, want)
			})
		}
	}
}
