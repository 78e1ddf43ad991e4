package iec62056_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/iec62056"
)

// line is a register in the words of a test.
func line(r meterproto.Register) string {
	kind := map[meterproto.Kind]string{meterproto.OfInstant: "instant", meterproto.OfText: "text", meterproto.OfStatus: "status"}[r.Kind]
	state := map[meterproto.State]string{meterproto.Good: "good", meterproto.NoValue: "no value", meterproto.Invalid: "invalid"}[r.State]
	s := kind + " " + state
	if r.State == meterproto.Good && r.Unit != meterproto.NoUnit || r.Kind == meterproto.OfCount || r.Kind == meterproto.OfRatio {
		s = fmt.Sprintf("%v %v", r.Value, r.Unit)
	}
	if !r.Time.IsZero() {
		s += r.Time.Format(" @2006-01-02T15:04:05Z07")
	}
	return s
}

func registers(t fataler, text string) []meterproto.Register {
	t.Helper()
	got, err := iec62056.AppendRegisters(nil, decode(t, text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return got
}

// set is the registers of one data set.
func set(t fataler, text string) []meterproto.Register { return registers(t, block(text, 3)) }

func TestUnitsAreNormalised(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		kind  meterproto.Kind
		unit  meterproto.Unit
		value string
	}{
		"1.8.0(000285.4*kWh)":      {meterproto.OfEnergy, meterproto.WattHour, "285400"},
		"1.8.0(00.001*MWh)":        {meterproto.OfEnergy, meterproto.WattHour, "1000"},
		"6.8(00433.65*GJ)":         {meterproto.OfEnergy, meterproto.Joule, "433650000000"},
		"6.26(03052.95*m3)":        {meterproto.OfVolume, meterproto.CubicMetre, "3052.95"},
		"8-0:1.0.0(123*l)":         {meterproto.OfVolume, meterproto.CubicMetre, "0.123"},
		"6.33(001.476*m3ph)":       {meterproto.OfFlow, meterproto.CubicMetrePerHour, "1.476"},
		"6.31(0109868*h)":          {meterproto.OfDuration, meterproto.Second, "395524800"},
		"6.35(60*m)":               {meterproto.OfDuration, meterproto.Second, "3600"},
		"21.7.255(-000073.69*W)":   {meterproto.OfPower, meterproto.Watt, "-73.69"},
		"41.7.0(+00026*W)":         {meterproto.OfPower, meterproto.Watt, "26"},
		"3.8.0(1.5*kvarh)":         {meterproto.OfReactive, meterproto.VarHour, "1500"},
		"9.7.0(1.5*kVA)":           {meterproto.OfApparent, meterproto.VoltAmpere, "1500"},
		"32.7.0(0230.1*V)":         {meterproto.OfTension, meterproto.Volt, "230.1"},
		"31.7.0(12*mA)":            {meterproto.OfCurrent, meterproto.Ampere, "0.012"},
		"14.7.0(50.01*Hz)":         {meterproto.OfFrequency, meterproto.Hertz, "50.01"},
		"7-0:42.0.0(101.3*kPa)":    {meterproto.OfPressure, meterproto.Bar, "1.013"},
		"6-0:10.0.0(88*C)":         {meterproto.OfTemperature, meterproto.Celsius, "88"},
		"6-0:12.0.0(6.5*K)":        {meterproto.OfTempSpan, meterproto.Kelvin, "6.5"},
		"96.7.21(00007)":           {meterproto.OfCount, meterproto.NoUnit, "7"},
		"13.7.0(0.98)":             {meterproto.OfRatio, meterproto.NoUnit, "0.98"},
		"1.8.0(123456789012345*h)": {meterproto.OfDuration, meterproto.Second, "444444440444442000"},
	} {
		got := set(t, text)
		if len(got) != 1 || got[0].Kind != want.kind || got[0].Unit != want.unit || got[0].Value.String() != want.value || got[0].State != meterproto.Good {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestWhatIsNoNumberStaysSo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		kind  meterproto.Kind
		state meterproto.State
	}{
		"1.8.0(----*kWh)":              {meterproto.OfEnergy, meterproto.Invalid},
		"1.8.0(*kWh)":                  {meterproto.OfEnergy, meterproto.NoValue},
		"1.8.0(1.2.3*kWh)":             {meterproto.OfEnergy, meterproto.Invalid},
		"1.8.0(12.*kWh)":               {meterproto.OfEnergy, meterproto.Invalid},
		"1.8.0(.5*kWh)":                {meterproto.OfEnergy, meterproto.Invalid},
		"1.8.0(-*kWh)":                 {meterproto.OfEnergy, meterproto.Invalid},
		"1.8.0(1234567890123456789*h)": {meterproto.OfDuration, meterproto.Invalid},
		"1.8.0(99999999999999999*d)":   {meterproto.OfDuration, meterproto.Invalid},
		"1.8.1(032942.0234)":           {meterproto.Unread, meterproto.Good}, // no unit: never guessed
		"9.4(088*C&082*C)":             {meterproto.Unread, meterproto.Good},
		"9.9(12*furlong)":              {meterproto.Unread, meterproto.Good},
		"6.36(01-01)":                  {meterproto.OfText, meterproto.Good},
		"9.22(R)":                      {meterproto.OfText, meterproto.Good},
		"6.8.1()":                      {meterproto.Unread, meterproto.NoValue},
		"C.1(1234567890123456)":        {meterproto.OfIdentity, meterproto.Good},
		"0-2:96.1.0()":                 {meterproto.OfIdentity, meterproto.NoValue},
		"F.F(00)":                      {meterproto.OfStatus, meterproto.Good},
		"96.7.9(many)":                 {meterproto.OfCount, meterproto.Invalid},
		"0.9.1(171500)":                {meterproto.OfText, meterproto.Good},
		"0-0:1.0.0(171500)":            {meterproto.OfInstant, meterproto.Invalid},
		"0-0:1.0.0(230229120000W)":     {meterproto.OfInstant, meterproto.Invalid},
		"0-0:1.0.0(230228240000W)":     {meterproto.OfInstant, meterproto.Invalid},
		"what(ever)":                   {meterproto.OfText, meterproto.Good},
		"(12)":                         {meterproto.Unread, meterproto.Good},
	} {
		got := set(t, text)
		if len(got) != 1 || got[0].Kind != want.kind || got[0].State != want.state || got[0].Value != (meterproto.Decimal{}) || !got[0].Time.IsZero() {
			t.Errorf("%s: %+v", text, got)
		}
		if raw := text[strings.IndexByte(text, '(')+1 : len(text)-1]; len(got) == 1 && string(got[0].Raw) != raw {
			t.Errorf("%s: raw %q", text, got[0].Raw)
		}
	}
}

func TestCodeTellsTariffStorageAndFunction(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]meterproto.Register{
		"1-0:1.8.2*255(1*kWh)": {Tariff: 2},
		"1.8.0(1*kWh)":         {},
		"1-1:1.8.1*05(1*kWh)":  {Tariff: 1, Storage: 6, Subunit: 1},
		"6.8*00(1*MWh)":        {Storage: 1},
		"6.8&01(1*MWh)":        {Storage: 2},
		"1.6.1(1*kW)":          {Tariff: 1, Function: meterproto.Maximum},
		"1.3.0(1*kW)":          {Function: meterproto.Minimum},
		"0-2:24.2.1(1*m3)":     {Subunit: 2},
	} {
		got := set(t, text)
		r := got[0]
		if len(got) != 1 || r.Tariff != want.Tariff || r.Storage != want.Storage || r.Function != want.Function || r.Subunit != want.Subunit {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// splitValue is a value in the next line as P1 sent it before edition 4, up to its unit.
const splitValue = "0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)"

func TestTimesBelongToTheValuesBehindThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"0-0:1.0.0(190816125118S)":                {"instant good @2019-08-16T10:51:18Z"},
		"0-0:1.0.0(210331173918W)":                {"instant good @2021-03-31T16:39:18Z"},
		"0-1:24.2.1(161116200000W)(00066.405*m3)": {"66.405 m3 @2016-11-16T19:00:00Z"},
		"1-0:1.6.0(230101001500W)(02.589*kW)":     {"2589 W @2022-12-31T23:15:00Z"},
		"1-0:1.6.0(02.589*kW)(230101001500W)":     {"2589 W"},
		"1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)": {
			"text good", "text good", "240 s @2010-12-08T14:24:15Z",
		},
		// P1 before edition 4: the value stands alone in the next line, its time has no letter.
		"0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00001.001)\r\n0-1:24.4.0(1)": {"1.001 m3", "status good"},
		splitValue + "(ft3)\r\n(00001.001)":                                                   {" good"}, // no unit that is known: no number
		splitValue + "()\r\n(00001.001)":                                                      {" good"},
		splitValue + "(m3)\r\n()":                                                             {" no value"},
		splitValue + "(m3)\r\n(1.2.3)":                                                        {" invalid"},
	} {
		var got []string
		for _, r := range set(t, text) {
			got = append(got, line(r))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestRegistersOfATelegram(t *testing.T) {
	t.Parallel()
	got := registers(t, landis)
	if len(got) != 24 {
		t.Errorf("%d registers", len(got))
	}
	gas := got[len(got)-1]
	want := time.Date(2016, 11, 16, 19, 0, 0, 0, time.UTC)
	if gas.Value.String() != "66.405" || gas.Subunit != 1 || !gas.Time.Equal(want) || gas.Unit != meterproto.CubicMetre {
		t.Errorf("gas: %+v", gas)
	}
	broken := decode(t, strings.Replace(landis, "75.067", "75.068", 1))
	if got, err := iec62056.AppendRegisters(nil, broken); !errors.Is(err, iec62056.ErrBroken) || len(got) != 0 {
		t.Errorf("a telegram whose CRC is wrong: %d registers, %v", len(got), err)
	}
}

func TestErrorMessageIsARefusal(t *testing.T) {
	t.Parallel()
	_, err := iec62056.AppendRegisters(nil, decode(t, block("(ER23)", 3)))
	if e, ok := errors.AsType[*iec62056.RefusalError](err); !ok || e.Text != "ER23" || !errors.Is(err, meterproto.ErrAbnormal) {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"1.8.0(ER23)", "(ER23)(1)", "(12)"} {
		if err := decode(t, block(text, 3)).Refusal(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
