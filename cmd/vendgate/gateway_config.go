package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// mostGatewayFile bounds what is read: ten thousand meters take about a megabyte.
const mostGatewayFile = 16 << 20

// gatewayConfig is the file that `vendgate gateway` is given.
type gatewayConfig struct {
	Spool    string         `json:"spool"` // directory; default spool in the data directory
	Calendar calendarConfig `json:"calendar"`
	Books    bool           `json:"books"` // what meter add has put on lines, too
	Chores   choresConfig   `json:"chores"`
	DTUs     *dtuConfig     `json:"dtus"`
	Models   models         `json:"models"`
	Lines    []lineConfig   `json:"lines"`

	path      string         // of the file; "": there is none
	books     inBooks        // where Books
	passwords meterPasswords // from a file of their own
}

// spool is the directory of the readings that wait, and of what is kept beside them.
func (c gatewayConfig) spool(dataDir string) string {
	return cmp.Or(c.Spool, filepath.Join(dataDir, "spool"))
}

// calendarConfig is when meters are read (RULES D1); what is left out is the default.
type calendarConfig struct {
	From int      `json:"from"`
	To   int      `json:"to"`
	At   string   `json:"at"` // time of day in China, as 02:00
	Each duration `json:"each"`
}

// dtuConfig is where DTUs dial in, and how they speak.
type dtuConfig struct {
	Listen       string   `json:"listen"`
	Registration string   `json:"registration"`
	Heartbeat    string   `json:"heartbeat"`
	Silence      duration `json:"silence"`
}

// lineConfig is one link: exactly one of Port, TCP and DTU says what it is.
type lineConfig struct {
	Port       string        `json:"port"` // serial port
	TCP        string        `json:"tcp"`  // host:port of a serial server
	DTU        string        `json:"dtu"`  // id of one that dials in
	Baud       int           `json:"baud"`
	Parity     string        `json:"parity"`
	Bits       int           `json:"bits"`
	Stops      int           `json:"stops"`
	RS485      bool          `json:"rs485"`
	Patience   int           `json:"patience"` // every waiting time is so many times as long
	Latency    duration      `json:"latency"`
	ModbusTCP  bool          `json:"modbus_tcp"` // frames of Modbus TCP, instead of RTU
	Transcript string        `json:"transcript"` // file to which every exchange is written
	Meters     []meterConfig `json:"meters"`
}

// meterConfig is one meter on a line.
type meterConfig struct {
	Number  string `json:"number"`
	Address string `json:"address"` // on the line, where it is not the number
	Model   string `json:"model"`
}

// readGatewayConfig reads the file. Every error says what is wrong where.
func readGatewayConfig(path string) (c gatewayConfig, err error) {
	f, err := os.Open(path)
	if err != nil {
		return c, usageError{err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostGatewayFile))
	if err != nil {
		return c, usageError{err}
	}
	if err := strict(data, &c); err != nil {
		return c, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	c.path = path
	if err := c.forwards(); err != nil {
		return c, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	for name, m := range c.Models {
		if _, ok := builtIn()[name]; ok {
			return c, usageError{fmt.Errorf("%s: model %s is built in: give yours another name", path, name)}
		}
		if c.Models[name], err = m.whole(); err != nil {
			return c, usageError{fmt.Errorf("%s: model %s: %w", path, name, err)}
		}
	}
	return c, nil
}

// forwards refuses a time that is below 0: nothing is done so often.
func (c gatewayConfig) forwards() error {
	times := map[string]duration{"calendar: each": c.Calendar.Each, "chores: each": c.Chores.Each, "chores: doubt": c.Chores.Doubt}
	if c.DTUs != nil {
		times["dtus: silence"] = c.DTUs.Silence
	}
	for _, name := range slices.Sorted(maps.Keys(times)) {
		if times[name] < 0 {
			return fmt.Errorf("%s is %v: want no less than 0", name, time.Duration(times[name]))
		}
	}
	return nil
}

// again is the configuration with the lines and models that its file has now. All else is of the start.
func (c gatewayConfig) again() (gatewayConfig, error) {
	now, err := readGatewayConfig(c.path)
	if err == nil {
		c.Models, c.Lines = now.Models, now.Lines
	}
	return c, err
}

// points are the meters of a line as the gateway asks them. ser numbers the requests of the line.
func (c gatewayConfig) points(l lineConfig, ser *gateway.Counter) (out []gateway.Point, err error) {
	for _, m := range l.Meters {
		p, err := c.point(m, l, ser)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// point is the meter as the gateway asks it.
func (c gatewayConfig) point(m meterConfig, l lineConfig, ser *gateway.Counter) (gateway.Point, error) {
	if m.Number == "" {
		return gateway.Point{}, fmt.Errorf("a meter of model %s has no number", m.Model)
	}
	model, known := c.Models.named(m.Model)
	if !known {
		return gateway.Point{}, fmt.Errorf("meter %s: model %q is not known: want one of %s", m.Number, m.Model, strings.Join(c.Models.names(), ", "))
	}
	d, err := model.driver(berth{l, ser})
	if err != nil {
		return gateway.Point{}, fmt.Errorf("model %s: %w", m.Model, err)
	}
	way, err := wayOf(l, m, model)
	return gateway.Point{Meter: m.Number, Model: m.Model, Address: cmp.Or(m.Address, m.Number), Driver: c.passwords.of(d), Gap: time.Duration(model.Gap),
		Rolls: builtIn()[model.Base].rolls, Way: way}, err
}

// calendar is the configured one over the default.
func (c calendarConfig) calendar() (gateway.Calendar, error) {
	out := gateway.DefaultCalendar()
	if c.From != 0 {
		out.From = c.From
	}
	if c.To != 0 {
		out.To = c.To
	}
	if c.At != "" {
		at, err := time.Parse("15:04", c.At)
		if err != nil {
			return out, fmt.Errorf("calendar: at %q: want a time of day as 02:00", c.At)
		}
		out.At = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	out.Each = time.Duration(c.Each)
	if err := out.Check(); err != nil {
		return out, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

// mode is how characters go over the line.
func (l lineConfig) mode() (link.Mode, error) {
	parity, ok := parities[l.parity()]
	if !ok {
		return link.Mode{}, fmt.Errorf("parity %q: want even, odd or none", l.Parity)
	}
	m := link.Mode{Baud: l.rate(), Parity: parity, Bits: l.Bits, Stops: l.Stops, RS485: l.RS485,
		Patience: float64(l.Patience), Latency: time.Duration(l.Latency)}
	return m, m.Check()
}

// rate is the baud rate; 2400 where the file says none.
func (l lineConfig) rate() int {
	if l.Baud == 0 {
		return 2400
	}
	return l.Baud
}

// parity is even where the file says none.
func (l lineConfig) parity() string {
	if l.Parity == "" {
		return "even"
	}
	return l.Parity
}

// way is how everything on the line is asked, as "2400 8E1": what is another there cannot share the line.
func (l lineConfig) way() string {
	mode, _ := l.mode() // what is none differs from what is one
	if l.ModbusTCP {
		return mode.String() + ", Modbus TCP"
	}
	return mode.String()
}

// name is what the line is called in messages.
func (l lineConfig) name() string {
	switch {
	case l.Port != "":
		return l.Port
	case l.TCP != "":
		return l.TCP
	}
	return l.DTU
}

// alike says whether a line goes the same way as another one, whatever its meters are.
func (l lineConfig) alike(other lineConfig) bool {
	for _, x := range []*lineConfig{&l, &other} {
		x.Baud, x.Parity, x.Meters = x.rate(), x.parity(), nil
	}
	return reflect.DeepEqual(l, other)
}

// open makes the line. A port that is not there now is waited for.
func (l lineConfig) open(hub *link.Hub) (*link.Line, error) {
	mode, err := l.mode()
	if err != nil {
		return nil, err
	}
	switch {
	case l.Port != "" && l.TCP == "" && l.DTU == "":
		line, err := link.Open(l.Port, mode)
		if line != nil && errors.Is(err, meterproto.ErrLineGone) {
			return line, nil // the loop says so, and tries again
		}
		return line, err
	case l.TCP != "" && l.Port == "" && l.DTU == "":
		return link.Dial(l.TCP, mode)
	case l.DTU != "" && l.Port == "" && l.TCP == "":
		if hub == nil {
			return nil, fmt.Errorf("DTU %s has nowhere to dial: add dtus with listen and registration", l.DTU)
		}
		return hub.Line(l.DTU, mode)
	}
	return nil, errors.New("a line is one of port, tcp and dtu")
}
