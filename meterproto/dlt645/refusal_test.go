package dlt645_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		control dlt645.Control
		data    string
		is, not []error
	}{
		{0xD1, "02", []error{dlt645.ErrNoData}, []error{dlt645.ErrPassword, dlt645.ErrOther}},
		{0xDC, "04", []error{dlt645.ErrPassword}, []error{dlt645.ErrNoData}},
		{0xC4, "05", []error{dlt645.ErrPassword, dlt645.ErrOther}, nil},
		{0xD7, "08", []error{dlt645.ErrBaud}, nil},
		{0xD4, "70", []error{dlt645.ErrZones, dlt645.ErrPeriods, dlt645.ErrTariffs}, []error{dlt645.ErrBaud}},
		{0xC3, "0200", []error{dlt645.ErrRepeated}, []error{dlt645.ErrNoData, dlt645.ErrCount}},
		{0xC3, "2000", []error{dlt645.ErrCount}, []error{dlt645.ErrRepeated}},
		{0xC3, "5C00", []error{dlt645.ErrESAM, dlt645.ErrIdentity, dlt645.ErrCustomer, dlt645.ErrOverHoard}, []error{dlt645.ErrCount}},
		{0xC3, "02", []error{dlt645.ErrNoData}, []error{dlt645.ErrRepeated}}, // one byte is never "already credited"
		{0xD1, "00", nil, []error{dlt645.ErrOther}},
	} {
		err := dlt645.Refused(dlt645.Frame{Control: c.control, Data: unhex(t, c.data)})
		for _, want := range append(c.is, meterproto.ErrAbnormal) {
			if !errors.Is(err, want) || !strings.Contains(err.Error(), want.Error()) {
				t.Errorf("%v %s: %v, want %v", c.control, c.data, err, want)
			}
		}
		for _, other := range c.not {
			if errors.Is(err, other) {
				t.Errorf("%v %s: %v is %v", c.control, c.data, err, other)
			}
		}
	}
}

func TestWhatIsNoRefusal(t *testing.T) {
	t.Parallel()
	for control, want := range map[dlt645.Control]error{0x91: nil, 0x11: nil, 0x51: nil, 0xD1: dlt645.ErrMalformed} {
		err := dlt645.Refused(dlt645.Frame{Control: control, Data: []byte{1, 2, 3}})
		if !errors.Is(err, want) || errors.Is(err, meterproto.ErrAbnormal) {
			t.Errorf("%v: %v", control, err)
		}
	}
}

func TestRefusalsSurvive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, c := genAddress(t), dlt645.Control(rapid.ByteRange(1, 0x1F).Draw(t, "function"))
		refused := &dlt645.RefusedError{ERR: rapid.Byte().Draw(t, "err")}
		if got, ok := errors.AsType[*dlt645.RefusedError](dlt645.Refused(refused.Frame(a, c))); !ok || *got != *refused {
			t.Fatalf("%v came back as %v", refused, got)
		}
		secure := &dlt645.SecurityError{SERR: rapid.Uint16().Draw(t, "serr")}
		if got, ok := errors.AsType[*dlt645.SecurityError](dlt645.Refused(secure.Frame(a))); !ok || *got != *secure {
			t.Fatalf("%v came back as %v", secure, got)
		}
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	meter, _ := dlt645.ParseAddress("202107072529")
	read := func(a dlt645.Address, di uint32) dlt645.Frame {
		f, _ := dlt645.Read{DI: dlt645.ID(di)}.Frame(a)
		return f
	}
	reply := func(a dlt645.Address, di uint32) dlt645.Frame { return dlt645.Reply{DI: dlt645.ID(di)}.Frame(a) }
	short, _ := dlt645.ParseAddress("2529")
	refusal := (&dlt645.RefusedError{ERR: 2}).Frame(meter, dlt645.ReadData)
	old, _ := dlt645.Read{DI: dlt645.ID97(0x9010)}.Frame(meter)
	for name, c := range map[string]struct {
		got, asked dlt645.Frame
		want       error
	}{
		"the answer":      {reply(meter, 1), read(meter, 1), nil},
		"to any meter":    {reply(meter, 1), read(dlt645.AnyMeter(), 1), nil},
		"to a short one":  {reply(meter, 1), read(short, 1), nil},
		"a refusal":       {refusal, read(meter, 1), nil},
		"1997":            {dlt645.Reply{DI: dlt645.ID97(0x9010)}.Frame(meter), old, nil},
		"our own echo":    {read(meter, 1), read(meter, 1), dlt645.ErrMalformed},
		"another meter":   {reply(dlt645.Address{1}, 1), read(meter, 1), meterproto.ErrWrongMeter},
		"earlier":         {reply(meter, 2), read(meter, 1), meterproto.ErrStale},
		"other function":  {dlt645.DoneFrame(meter, dlt645.SwitchRelay), read(meter, 1), meterproto.ErrStale},
		"other refusal":   {(&dlt645.RefusedError{}).Frame(meter, dlt645.WriteData), read(meter, 1), meterproto.ErrStale},
		"too short":       {dlt645.DoneFrame(meter, dlt645.ReadData), read(meter, 1), dlt645.ErrMalformed},
		"other edition":   {dlt645.Reply{DI: dlt645.ID97(0x9010)}.Frame(meter), read(meter, 0x9010), meterproto.ErrStale},
		"a command done":  {dlt645.DoneFrame(meter, dlt645.SwitchRelay), dlt645.Frame{Address: meter, Control: dlt645.SwitchRelay}, nil},
		"other security":  {dlt645.SecurityAnswer{DI: dlt645.ID(dlt645.Recharge)}.Frame(meter), dlt645.QueryAccount(dlt645.Operator{}).Frame(meter), meterproto.ErrStale},
		"the account's":   {dlt645.SecurityAnswer{DI: dlt645.ID(dlt645.AskAccount)}.Frame(meter), dlt645.QueryAccount(dlt645.Operator{}).Frame(meter), nil},
		"security's done": {dlt645.DoneFrame(meter, dlt645.Security), dlt645.QueryAccount(dlt645.Operator{}).Frame(meter), nil},
	} {
		if err := dlt645.Answers(c.got, c.asked); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDone(t *testing.T) {
	t.Parallel()
	if err := dlt645.Done(dlt645.DoneFrame(dlt645.Address{}, dlt645.WriteData), dlt645.WriteData); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]dlt645.Frame{
		"other function": dlt645.DoneFrame(dlt645.Address{}, dlt645.SwitchRelay),
		"data":           {Control: dlt645.WriteData.Reply(), Data: []byte{0}},
		"refusal":        (&dlt645.RefusedError{ERR: 4}).Frame(dlt645.Address{}, dlt645.WriteData),
		"the request":    {Control: dlt645.WriteData},
	} {
		if err := dlt645.Done(f, dlt645.WriteData); err == nil {
			t.Errorf("%s: done", name)
		}
	}
}

// A password must not reach a log by any verb.
func TestAccessIsNotPrinted(t *testing.T) {
	t.Parallel()
	g := dlt645.Grant{Access: dlt645.Access{Level: 2, Password: dlt645.Password{0x5A, 0x5B, 0x5C}}}
	w := dlt645.Write{Grant: g}
	if text, err := json.Marshal(w); err != nil || !strings.Contains(string(text), `"Password":"***"`) {
		t.Errorf("%s, %v", text, err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%X", "%q"} {
		for _, v := range []any{g, &g, g.Access, w, &w, dlt645.Repassword{Old: g.Access, New: g.Access}, dlt645.Relay{Grant: g}} {
			text := strings.ToLower(fmt.Sprintf(verb, v))
			if strings.Contains(text, "5a") || strings.Contains(text, "90") {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
}

func TestEdition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		control dlt645.Control
		data    string
		want    string
	}{
		{0x01, "1090", "1997"}, {0x81, "109000000000", "1997"}, {0xC1, "02", "1997"}, {0x04, "", "1997"}, {0x10, "", "1997"},
		{0x11, "00000100", "2007"}, {0xB1, "", "2007"}, {0xDC, "04", "2007"},
		{0x03, "", "1997"}, {0x83, "109000000000", "1997"}, {0x83, "", "2007"}, {0x03, "FF000007", "2007"}, {0x83, "FF020107", "2007"},
		{0xC3, "0200", "2007"}, {0xC3, "02", ""}, {0x08, "305910311225", ""}, {0x1E, "", ""},
	} {
		if got := (dlt645.Frame{Control: c.control, Data: unhex(t, c.data)}).Edition().String(); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.control, c.data, got, c.want)
		}
	}
}
