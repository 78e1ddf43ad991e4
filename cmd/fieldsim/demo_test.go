package main

import (
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/executable"
)

// What the story expects follows from the price and nothing else.
func TestFiguresOfTheStory(t *testing.T) {
	t.Parallel()
	price, step := big.NewRat(263, 1000), big.NewRat(resolution, 1) // fen a litre
	steps := new(big.Rat).Quo(big.NewRat(paidFen, 1), new(big.Rat).Mul(price, step))
	whole := new(big.Int).Quo(steps.Num(), steps.Denom()).Int64()
	if whole*resolution != bought {
		t.Errorf("%d litres", whole*resolution)
	}
	cost := new(big.Rat).Mul(price, big.NewRat(bought, 1))
	if cost.Cmp(big.NewRat(costFen, 1)) > 0 || cost.Cmp(big.NewRat(costFen-1, 1)) <= 0 || costFen+changeFen != paidFen {
		t.Errorf("it costs %v fen", cost)
	}
	if days*dailyUse != used || bought-used != left || atMonthEnd != 2*dailyUse ||
		usedShown != used/resolution*resolution || leftShown != left/resolution*resolution {
		t.Error("the figures of the meter do not fit each other")
	}
}

func TestMonthEndOfTheStoryIsPast(t *testing.T) {
	t.Parallel()
	for _, now := range []string{"2026-03-01T00:00:00Z", "2026-03-31T23:59:59Z", "2026-01-01T15:59:59Z", "2026-01-31T16:00:00Z"} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		end := monthBefore(at)
		if china := end.UTC().Add(8 * time.Hour); china.Day() != 1 || china.Hour() != 0 {
			t.Errorf("%s: %v is no month end in China", now, end)
		}
		if over := at.Sub(end); over < days*24*time.Hour {
			t.Errorf("%s: the story ends only %v after %v", now, over, end)
		}
	}
}

// demoAs prepares a demo with a temporary directory of its own, as another user
// if uid is not ours.
func demoAs(t *testing.T, uid int, vendgate string) (cmd *exec.Cmd, temp string) {
	t.Helper()
	temp = openDir(t, uid)
	args := []string{binary(t, "fieldsim"), "demo", "--vendgate", vendgate}
	if uid != os.Geteuid() {
		args = append([]string{"setpriv", "--reuid=" + strconv.Itoa(uid), "--regid=nogroup", "--clear-groups"}, args...)
	}
	cmd = exec.CommandContext(patience(t), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+temp, "TMPDIR="+temp, "DATABASE_URL=postgres://nowhere.invalid/x")
	cmd.Dir = "/"
	return cmd, temp
}

// empty: the demo has left nothing of itself.
func empty(t *testing.T, temp string) {
	t.Helper()
	if found, err := os.ReadDir(temp); err != nil || len(found) > 0 {
		t.Errorf("left behind: %v, %v", found, err)
	}
	if pids := naming(temp); len(pids) > 0 {
		t.Errorf("processes left behind: %v", pids)
	}
}

// TestDemo plays it as whoever runs the tests and, where that is root, as an
// ordinary user too.
func TestDemo(t *testing.T) {
	t.Parallel()
	users := map[string]int{"self": os.Geteuid()}
	if os.Geteuid() == 0 {
		users["nobody"] = 65534
	}
	for name, uid := range users {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, temp := demoAs(t, uid, binary(t, "vendgate"))
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Count(string(out), " ms  ") != len((&story{}).steps()) {
				t.Errorf("%v\n%s", err, out)
			}
			empty(t, temp)
		})
	}
}

// A vendgate that is wrong in one figure, or does not start, fails the demo at
// that step.
func TestDemoSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for step, lie := range map[string]string{
		"top up":                  `*" topup "*) "$real" "$@" | sed s/76040/76050/ ;;`,
		"start vendgate on a new": `*" serve "*) exit 1 ;;`,
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			liar := filepath.Join(openDir(t, os.Geteuid()), "vendgate")
			script := "#!/bin/sh\nreal=" + binary(t, "vendgate") + "\ncase \"$*\" in\n" + lie + "\n*) exec \"$real\" \"$@\" ;;\nesac\n"
			executable.Write(t, liar, script)
			cmd, temp := demoAs(t, os.Geteuid(), liar)
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(string(out), "FAILED: "+step) {
				t.Errorf("exit %d\n%s", code, out)
			}
			empty(t, temp)
		})
	}
}

func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	temp := openDir(t, os.Geteuid())
	p := launch(t, []string{"TMPDIR=" + temp}, "demo")
	p.line(t, "start vendgate")
	if code := p.end(t, syscall.SIGINT); code != exitFailure {
		t.Errorf("exit %d: %s", code, p.errs)
	}
	empty(t, temp)
}

func TestDemoWantsAnEmptyDirectory(t *testing.T) {
	t.Parallel()
	dir := openDir(t, os.Geteuid())
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := in(t, dir, "demo"); code != exitUsage || !strings.Contains(out, "not empty") {
		t.Errorf("exit %d: %s", code, out)
	}
}
