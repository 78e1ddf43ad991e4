package dlt645_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/bcd"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func genDI(t *rapid.T) dlt645.DI {
	if rapid.Bool().Draw(t, "1997") {
		return dlt645.ID97(rapid.Uint16().Draw(t, "di"))
	}
	return dlt645.ID(rapid.Uint32().Draw(t, "di"))
}

func genBytes(t *rapid.T, most int) []byte {
	return append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, most).Draw(t, "bytes")...)
}

func genAccess(t *rapid.T) dlt645.Access {
	return dlt645.Access{Level: rapid.ByteRange(0, 9).Draw(t, "level"), Password: dlt645.Password(genFixed(t, 3))}
}

func genFixed(t *rapid.T, n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "fixed") }

func genGrant(t *rapid.T) dlt645.Grant {
	return dlt645.Grant{Access: genAccess(t), Operator: dlt645.Operator(genFixed(t, 4))}
}

// genTime draws a time that the wire can carry, cut to step.
func genTime(t *rapid.T, step time.Duration) time.Time {
	first := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-dlt645.ZoneOffset)
	seconds := rapid.Int64Range(0, 99*365*24*3600).Draw(t, "seconds")
	return first.Add(time.Duration(seconds) * time.Second).Truncate(step)
}

// survives holds that a message comes back from its frame as it was, over the
// wire, and that no other kind of message takes the frame.
func survives[M any](t *rapid.T, in M, f dlt645.Frame, err error, decode func(dlt645.Frame) (M, error)) {
	t.Helper()
	if err != nil {
		t.Fatalf("%+v: %v", in, err)
	}
	line, err := f.AppendTo(nil)
	if err != nil {
		t.Fatalf("%+v: %v", in, err)
	}
	if f, err = dlt645.Decode(nil, line); err != nil {
		t.Fatalf("%+v: %v", in, err)
	}
	if out, err := decode(f); err != nil || !reflect.DeepEqual(in, out) {
		t.Fatalf("%+v came back as %+v, %v", in, out, err)
	}
	if n := decodeMessages(f); n > 1 {
		t.Fatalf("%+v: %d kinds of message take %+v", in, n, f)
	}
}

func TestReadsSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, di := genAddress(t), genDI(t)
		read := dlt645.Read{DI: di, Blocks: rapid.Byte().Draw(t, "blocks")}
		if read.Blocks > 0 && rapid.Bool().Draw(t, "from") {
			read.From = genTime(t, time.Minute)
		}
		f, err := read.Frame(a)
		survives(t, read, f, err, dlt645.DecodeRead)
		reply := dlt645.Reply{DI: di, Values: genBytes(t, 190), More: rapid.Bool().Draw(t, "more")}
		survives(t, reply, reply.Frame(a), nil, dlt645.DecodeReply)
		follow := dlt645.FollowUp{DI: di}
		part := dlt645.Part{DI: di, Values: genBytes(t, 190), More: rapid.Bool().Draw(t, "more")}
		if di.Edition == dlt645.Of2007 {
			follow.Sequence, part.Sequence = rapid.Byte().Draw(t, "sequence"), rapid.Byte().Draw(t, "sequence")
		}
		survives(t, follow, follow.Frame(a), nil, dlt645.DecodeFollowUp)
		survives(t, part, part.Frame(a), nil, dlt645.DecodePart)
	})
}

func TestWritesSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := genAddress(t)
		w := dlt645.Write{DI: genDI(t), Grant: genGrant(t), Values: genBytes(t, 180)}
		re := dlt645.Readdress{Edition: w.DI.Edition, Address: genAddress(t)}
		pass := dlt645.Repassword{DI: w.DI, Old: genAccess(t), New: genAccess(t)}
		if w.DI.Edition == dlt645.Of1997 {
			w.Grant.Operator, pass.DI.Code = dlt645.Operator{}, 0
		}
		survives(t, w, w.Frame(a), nil, dlt645.DecodeWrite)
		survives(t, re, re.Frame(), nil, dlt645.DecodeReaddress)
		survives(t, pass, pass.Frame(a), nil, dlt645.DecodeRepassword)
		survives(t, pass.New, dlt645.RepasswordedFrame(a, w.DI.Edition, pass.New), nil, dlt645.DecodeRepassworded)
		survives(t, a, dlt645.AddressFrame(a), nil, dlt645.DecodeAddress)
		c := dlt645.Clear{What: rapid.SampledFrom([]dlt645.Control{dlt645.ClearDemand, dlt645.ClearMeter, dlt645.ClearEvents}).Draw(t, "what"), Grant: genGrant(t)}
		if c.What == dlt645.ClearEvents {
			c.Events = rapid.Uint32().Draw(t, "events")
		}
		survives(t, c, c.Frame(a), nil, dlt645.DecodeClear)
	})
}

func TestSettingsSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, at := genAddress(t), genTime(t, time.Second)
		f, err := dlt645.TimeFrame(at)
		survives(t, at, f, err, dlt645.DecodeTime)
		z := dlt645.Freeze{
			Month: rapid.Uint8Range(1, 12).Draw(t, "M"), Day: rapid.Uint8Range(1, 31).Draw(t, "D"),
			Hour: rapid.Uint8Range(0, 23).Draw(t, "h"), Minute: rapid.Uint8Range(0, 59).Draw(t, "m"),
		}
		for _, part := range []*uint8{&z.Month, &z.Day, &z.Hour, &z.Minute} {
			if rapid.Bool().Draw(t, "every") {
				*part = dlt645.Every
			}
		}
		f, err = z.Frame(a)
		survives(t, z, f, err, dlt645.DecodeFreeze)
		baud := rapid.SampledFrom([]dlt645.Baud{dlt645.Baud600, dlt645.Baud1200, dlt645.Baud2400, dlt645.Baud4800, dlt645.Baud9600, dlt645.Baud19200}).Draw(t, "baud")
		survives(t, baud, baud.Frame(a), nil, dlt645.DecodeBaud)
		survives(t, baud, baud.ReplyFrame(a), nil, dlt645.DecodeBaud)
		o := dlt645.Output(rapid.Byte().Draw(t, "output"))
		survives(t, o, o.Frame(a), nil, dlt645.DecodeOutput)
		survives(t, o, o.ReplyFrame(a), nil, dlt645.DecodeOutput)
		r := dlt645.Relay{Grant: genGrant(t), Command: dlt645.Command(rapid.Byte().Draw(t, "n1")), Delay: rapid.Byte().Draw(t, "n2"), Deadline: at}
		f, err = r.Frame(a)
		survives(t, r, f, err, dlt645.DecodeRelay)
	})
}

func TestMessagesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	relay := dlt645.Relay{Deadline: later}
	_, relayErr := relay.Frame(dlt645.Address{})
	_, timeErr := dlt645.TimeFrame(later)
	_, readErr := dlt645.Read{Blocks: 1, From: later}.Frame(dlt645.Address{})
	_, freezeErr := dlt645.Freeze{Month: 13, Day: 1}.Frame(dlt645.Address{})
	for _, err := range []error{relayErr, timeErr, readErr, freezeErr} {
		if !errors.Is(err, dlt645.ErrDate) {
			t.Error(err)
		}
	}
	if _, err := (dlt645.Read{From: later}).Frame(dlt645.Address{}); !errors.Is(err, dlt645.ErrMalformed) {
		t.Error(err)
	}
	relay.Grant.Access.Level = dlt645.LevelMAC
	if _, err := relay.Frame(dlt645.Address{}); !errors.Is(err, dlt645.ErrSealed) {
		t.Error(err)
	}
}

func TestMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	relay := unhex(t, "02000000010203041A00000000311225")
	wrong := func(at int, b byte) []byte { c := append([]byte{}, relay...); c[at] = b; return c }
	for name, f := range map[string]struct {
		frame dlt645.Frame
		want  error
	}{
		"sealed":       {dlt645.Frame{Control: dlt645.SwitchRelay, Data: wrong(0, 0x98)}, dlt645.ErrSealed},
		"no date":      {dlt645.Frame{Control: dlt645.SwitchRelay, Data: wrong(14, 0x13)}, dlt645.ErrDate},
		"short":        {dlt645.Frame{Control: dlt645.SwitchRelay, Data: relay[:15]}, dlt645.ErrMalformed},
		"from a meter": {dlt645.Frame{Control: dlt645.SwitchRelay.Reply(), Data: relay}, dlt645.ErrMalformed},
	} {
		if _, err := dlt645.DecodeRelay(f.frame); !errors.Is(err, f.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := dlt645.DecodeTime(dlt645.Frame{Control: dlt645.SetTime, Data: unhex(t, "3059103A1225")})
	if _, ok := errors.AsType[*bcd.DigitError](err); !ok {
		t.Errorf("a digit that is none: %v", err)
	}
	_, err = dlt645.DecodeFreeze(dlt645.Frame{Control: dlt645.FreezeData, Data: unhex(t, "A0000199")})
	if _, ok := errors.AsType[*bcd.DigitError](err); !ok {
		t.Errorf("a digit that is none: %v", err)
	}
	if _, err := dlt645.DecodeRead(dlt645.Frame{Control: dlt645.ReadData, Data: unhex(t, "0000000600")}); !errors.Is(err, dlt645.ErrMalformed) {
		t.Errorf("a load record of no blocks: %v", err)
	}
	if _, err := dlt645.DecodeBaud(dlt645.Baud(0x0C).Frame(dlt645.Address{})); !errors.Is(err, dlt645.ErrMalformed) {
		t.Errorf("two rates at once: %v", err)
	}
	if n := decodeMessages(dlt645.Frame{Control: 0x1E}); n != 0 {
		t.Errorf("an unknown function is %d messages", n)
	}
}

// The codes of Annex C, against rates that people know.
func TestBaudRates(t *testing.T) {
	t.Parallel()
	for z, want := range map[dlt645.Baud]int{0x02: 600, 0x04: 1200, 0x08: 2400, 0x10: 4800, 0x20: 9600, 0x40: 19200, 0x01: 0, 0x80: 0, 0x0C: 0} {
		if rate, ok := z.Rate(); ok != (want > 0) || ok && rate != want {
			t.Errorf("%02X: %d, %v", byte(z), rate, ok)
		}
	}
}
