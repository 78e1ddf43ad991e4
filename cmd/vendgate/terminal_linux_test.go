package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/fixtures/wirecut"
)

// pc is a counter PC: a vendgate terminal in a process of its own, and the line from it
// to the service.
type pc struct {
	proxy *wirecut.Proxy
	cmd   *exec.Cmd
	errs  bytes.Buffer // read it after the end
}

func (p *pc) leave() {
	if p == nil {
		return
	}
	if p.cmd != nil {
		_ = p.cmd.Process.Kill() // fails only when it has ended
		_ = p.cmd.Wait()
	}
	p.proxy.Close()
}

// cmdTerminal is what is done at a counter PC.
//
//	terminal line           makes the line to the service's door; its address is in $SERVICE
//	terminal code TILL ARGS has a code shown, into $CODE
//	terminal start ARGS     starts vendgate terminal with the seat's reader, and waits for its line
//	terminal cuts AMOUNT    tops up with the line cut before and after every record, either way
//	terminal sell-in-doubt AMOUNT   tops up, which must end in doubt
//	terminal online         waits for its line
//	terminal revoke         revokes the one there is
//	terminal ended CODE     waits until it has ended by itself with that code; stderr is then its log
//	terminal stop           ends it, which it must do well; stderr is then its log
func cmdTerminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: terminal line|code|start|cuts|stop [ARGS]")
	}
	s := of(ts)
	switch args[0] {
	case "line":
		s.terminalLine(ts)
	case "code":
		s.terminalCode(ts, args[1], args[2:]...)
	case "start":
		s.terminalStart(ts, args[1:])
	case "cuts":
		s.terminalCuts(ts, args[1])
	case "sell-in-doubt":
		s.sell(ts, args[1], "pending", "with the card pulled")
	case "online":
		s.awaitMetric(ts, "vendgate_terminals_online", 1)
	case "revoke":
		s.terminalRevoke(ts)
	case "ended":
		s.terminalEnded(ts, args[1])
	case "stop":
		s.terminalStop(ts)
	default:
		ts.Fatalf("terminal %s: unknown", args[0])
	}
}

func (s *site) terminalLine(ts *testscript.TestScript) {
	line, err := s.serve.out.ReadString('\n')
	door, ok := strings.CutPrefix(strings.TrimSpace(line), "vendgate takes terminals at wss://")
	if err != nil || !ok {
		ts.Fatalf("serve said %q, %v", line, err)
	}
	if s.pc == nil {
		proxy, err := wirecut.New(door)
		ts.Check(err)
		s.pc = &pc{proxy: proxy}
	}
	s.pc.proxy.Turn(door)
	ts.Setenv("SERVICE", "wss://"+s.pc.proxy.Addr())
}

func (s *site) terminalCode(ts *testscript.TestScript, till string, args ...string) {
	ts.Check(ts.Exec("vendgate", append([]string{"terminal", "code", "--till", till, "--staff", "chief", "--output", "json"}, args...)...))
	var shown struct{ Code string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &shown))
	ts.Setenv("CODE", shown.Code)
}

func (s *site) terminalStart(ts *testscript.TestScript, args []string) {
	cmd := exec.Command("vendgate", append([]string{"terminal", "--card-reader", s.seat.name}, args...)...)
	cmd.Env = append(os.Environ(), "DATA_DIR="+filepath.Join(ts.Getenv("WORK"), "pc"), "PCSCLITE_CSOCK_NAME="+ts.Getenv("PCSCLITE_CSOCK_NAME"))
	s.pc.errs.Reset()
	cmd.Stderr = &s.pc.errs
	ts.Check(cmd.Start())
	s.pc.cmd = cmd
	s.awaitMetric(ts, "vendgate_terminals_online", 1)
}

func (s *site) terminalStop(ts *testscript.TestScript) {
	ts.Check(s.pc.cmd.Process.Signal(syscall.SIGTERM))
	err := s.pc.cmd.Wait()
	s.pc.cmd = nil
	fmt.Fprint(ts.Stderr(), s.pc.errs.String())
	ts.Check(err)
}

func (s *site) terminalRevoke(ts *testscript.TestScript) {
	ts.Check(ts.Exec("vendgate", "terminal", "list", "--output", "json"))
	var list []struct{ ID string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &list))
	ts.Check(ts.Exec("vendgate", "terminal", "revoke", list[0].ID, "--staff", "chief"))
}

func (s *site) terminalEnded(ts *testscript.TestScript, code string) {
	ended := make(chan error, 1)
	go func() { ended <- s.pc.cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(waiting):
		ts.Fatalf("it does not end")
	}
	if got := strconv.Itoa(s.pc.cmd.ProcessState.ExitCode()); got != code {
		ts.Fatalf("it ended with %s, want %s: %s", got, code, &s.pc.errs)
	}
	s.pc.cmd = nil
	fmt.Fprint(ts.Stderr(), s.pc.errs.String())
}

// metric is the sum of a metric's series at the service.
func (s *site) metric(ts *testscript.TestScript, name string) (sum int) {
	response, err := http.Get(s.serve.url + "metrics")
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(?:{.*})? (\d+)$`).FindAllStringSubmatch(string(body), -1) {
		n, err := strconv.Atoi(m[1])
		ts.Check(err)
		sum += n
	}
	return sum
}

func (s *site) awaitMetric(ts *testscript.TestScript, name string, want int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(waiting)
	for s.metric(ts, name) != want {
		select {
		case <-end:
			ts.Fatalf("%s is not %d", name, want)
		case <-tick.C:
		}
	}
}

// sell tops up by the page's form, and returns where the page of the purchase says that
// it ended in that state.
func (s *site) sell(ts *testscript.TestScript, amount, state, what string) {
	form := url.Values{"id": {uuid.NewString()}, "amount": {amount}, "card": {cardNumber}}
	response, err := http.PostForm(s.serve.url+"topup", form)
	ts.Check(err)
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	ts.Check(err)
	if !strings.Contains(string(page), `data-state="`+state+`"`) {
		ts.Fatalf("%s: %s\n%s", what, response.Status, page)
	}
}

// writes is how often the card was written.
func (s *site) writes() (n int) {
	for _, e := range s.seat.Log() {
		if isWrite(e.CLA, e.INS) {
			n++
		}
	}
	return n
}

// terminalCost prints what a top-up costs, and returns how many of its commands write. The least of three counts: beside
// one of them the service may look at a card that it was told of.
func (s *site) terminalCost(ts *testscript.TestScript, amount string) (writes int) {
	const frames = "vendgate_terminal_frames_total"
	least, commands := 0, 0
	for range 3 {
		before, sent, written := s.metric(ts, frames), len(s.seat.Log()), s.writes()
		s.sell(ts, amount, "loaded", "with the line whole")
		if n := s.metric(ts, frames) - before; least == 0 || n < least {
			least, commands = n, len(s.seat.Log())-sent
		}
		writes = s.writes() - written
	}
	ts.Logf("one top-up: %d commands to the card in %d round trips, %d of them write", commands, least, writes)
	return writes
}

func (s *site) terminalCuts(ts *testscript.TestScript, amount string) {
	once, cuts := s.terminalCost(ts, amount), 0
	for _, d := range []wirecut.Direction{wirecut.In, wirecut.Out} {
		for _, delivered := range []bool{false, true} {
			for record := 0; ; record++ {
				written := s.writes()
				s.pc.proxy.Arm(wirecut.Cut{Direction: d, Record: record, Delivered: delivered})
				what := fmt.Sprintf("cut %s, record %d, delivered %t", d, record, delivered)
				s.sell(ts, amount, "loaded", what)
				if n := s.writes() - written; n != once {
					ts.Fatalf("%s: %d commands wrote, one top-up has %d", what, n, once)
				}
				if !s.pc.proxy.Disarm() {
					break
				}
				cuts++
				s.awaitMetric(ts, "vendgate_terminals_online", 1)
			}
		}
	}
	ts.Logf("%d cuts, each settled by the writes of one top-up; %d frames were said again", cuts, s.metric(ts, "vendgate_terminal_frames_repeated_total"))
	if cuts < 16 {
		ts.Fatalf("only %d cuts", cuts)
	}
}
