package paper

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCapitals(t *testing.T) {
	t.Parallel()
	for fen, want := range map[int64]string{
		16409_02:       "人民币壹万陆仟肆佰零玖元零贰分", // issue 3
		0:              "人民币零元整",
		1:              "人民币壹分",
		30:             "人民币叁角整",
		33:             "人民币叁角叁分",
		1_00:           "人民币壹元整",
		10_00:          "人民币壹拾元整",
		1409_50:        "人民币壹仟肆佰零玖元伍角整", // the examples of the rule itself
		6007_14:        "人民币陆仟零柒元壹角肆分",
		1680_32:        "人民币壹仟陆佰捌拾元叁角贰分",
		107000_53:      "人民币壹拾万柒仟元伍角叁分",
		325_04:         "人民币叁佰贰拾伍元零肆分",
		10_0001_00:     "人民币壹拾万零壹元整",
		1000_0000_10:   "人民币壹仟万元壹角整",
		-88_80:         "人民币负捌拾捌元捌角整",
		1_0001_0000_00: "人民币壹亿零壹万元整",
		math.MaxInt64:  "人民币玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分",
		math.MinInt64:  "人民币负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分",
	} {
		if got := Capitals(fen); got != want {
			t.Errorf("%d: %s, want %s", fen, got, want)
		}
	}
}

// value reads capitals as a person does, from the greatest unit down: it knows
// nothing of how Capitals works.
func value(said string) (*big.Int, error) {
	rest, ok := strings.CutPrefix(said, "人民币")
	if !ok {
		return nil, fmt.Errorf("%s does not name the currency", said)
	}
	rest, negative := strings.CutPrefix(rest, "负")
	rest = strings.TrimSuffix(rest, "整")
	sum := new(big.Int)
	for _, unit := range []struct {
		name string
		fen  int64
	}{{"元", 100}, {"角", 10}, {"分", 1}} {
		if number, after, ok := strings.Cut(rest, unit.name); ok {
			n, err := numeral(number)
			if err != nil {
				return nil, err
			}
			sum.Add(sum, n.Mul(n, big.NewInt(unit.fen)))
			rest = after
		}
	}
	if rest != "" {
		return nil, fmt.Errorf("%s: %q is left over", said, rest)
	}
	if negative {
		sum.Neg(sum)
	}
	return sum, nil
}

func numeral(s string) (*big.Int, error) {
	s = strings.TrimPrefix(s, "零")
	for _, unit := range []struct {
		name string
		n    int64
	}{{"亿", 1e8}, {"万", 1e4}, {"仟", 1000}, {"佰", 100}, {"拾", 10}} {
		if at := strings.LastIndex(s, unit.name); at >= 0 {
			high, err := numeral(s[:at])
			if err != nil {
				return nil, err
			}
			low, err := numeral(s[at+len(unit.name):])
			if err != nil {
				return nil, err
			}
			return high.Add(high.Mul(high, big.NewInt(unit.n)), low), nil
		}
	}
	if s == "" {
		return new(big.Int), nil
	}
	at := strings.Index("壹贰叁肆伍陆柒捌玖", s)
	if at < 0 || len(s) != len("壹") {
		return nil, fmt.Errorf("%q is not a digit", s)
	}
	return big.NewInt(int64(at/len("壹") + 1)), nil
}

// What is written is what is meant, and it is well formed.
func TestCapitalsAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64().Draw(t, "fen")
		if digits := rapid.IntRange(0, 18).Draw(t, "zeros"); digits > 0 { // many zeros inside
			for at := int64(1); digits > 0; digits, at = digits-1, at*10 {
				if rapid.Bool().Draw(t, "zero") {
					fen -= fen / at % 10 * at
				}
			}
		}
		said := Capitals(fen)
		got, err := value(said)
		if err != nil {
			t.Fatal(err)
		}
		if got.Cmp(big.NewInt(fen)) != 0 {
			t.Fatalf("%d: %s reads as %s", fen, said, got)
		}
		if strings.Contains(said, "零零") || strings.Contains(said, "零元") && fen != 0 || strings.Contains(said, "零万") ||
			strings.Contains(said, "零亿") || strings.HasSuffix(said, "整") == (fen%10 != 0) {
			t.Fatalf("%d: %s", fen, said)
		}
	})
}
