package main

import (
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// A meter of the books joins the line of its name wherever the file has it; what the file leaves out is its default.
func TestBooksMeterJoinsALine(t *testing.T) {
	t.Parallel()
	file := func() gatewayConfig {
		return gatewayConfig{Lines: []lineConfig{{Port: "one"}, {TCP: "two:1", Baud: 9600}}}
	}
	m := vending.LineMeter{Meter: "1", Model: "cjt188-gas", Line: "one", Baud: 2400, Parity: "even", Address: "1"}
	c := file()
	if err := c.put(m, modelConfig{Base: "cjt188-gas"}); err != nil || len(c.Lines) != 2 || len(c.Lines[0].Meters) != 1 {
		t.Errorf("%+v, %v", c.Lines, err)
	}
	m.Line = "three"
	if err := c.put(m, modelConfig{Base: "cjt188-gas"}); err != nil || len(c.Lines) != 3 || len(c.Lines[2].Meters) != 1 {
		t.Errorf("%+v, %v", c.Lines, err)
	}
	m.Line = "tcp://two:1"
	if err := c.put(m, modelConfig{Base: "cjt188-gas"}); err == nil || !strings.Contains(err.Error(), "wants 2400 8E1, another 9600 8E1") {
		t.Error(err)
	}
	m.Line = "modbus-tcp://two:1"
	if err := c.put(m, modelConfig{Base: "modbus"}); err == nil || !strings.Contains(err.Error(), "wants 2400 8E1, Modbus TCP, another 9600 8E1") {
		t.Error(err)
	}
	m.Line, m.Parity = "one", "none"
	if err := c.put(m, modelConfig{Base: "cjt188-gas"}); err == nil || !strings.Contains(err.Error(), "wants 2400 8N1, another 2400 8E1") {
		t.Error(err)
	}
}
