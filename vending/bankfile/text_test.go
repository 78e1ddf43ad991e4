package bankfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

func format(t *testing.T, text string) Format {
	t.Helper()
	f, err := ReadFormat(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const piped = `{"encoding": "auto", "delimiter": "|", "skip": 1, "date": "YYYYMMDD", "amount": "yuan",
	"columns": {"date": 1, "reference": 2, "customer": 3, "text": 4, "amount": 5},
	"trailer": {"begins": "T", "count": 2, "total": 3}}`

// 瓅's second byte in GBK is that of the delimiter.
const agentsFile = "日期|流水号|客户号|户名|金额\r\n" +
	"20260305|P001|1001|张瓅|200.00\r\n" +
	"20260305|P002|1002|\"李|四 \"\"小\"\"\"|1,234.5\r\n" +
	"20260306|P003||王五|-12.00\r\n" +
	"T|3|1422.50\r\n"

func gbk(t *testing.T, s string) string {
	t.Helper()
	b, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(t *testing.T, s string) vending.Date {
	t.Helper()
	d, err := vending.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := []Line{
		{No: 2, Day: day(t, "2026-03-05"), Customer: 1001, Reference: "P001", Fen: 20000, Text: "张瓅"},
		{No: 3, Day: day(t, "2026-03-05"), Customer: 1002, Reference: "P002", Fen: 123450, Text: `李|四 "小"`},
		{No: 4, Day: day(t, "2026-03-06"), Reference: "P003", Fen: -1200, Text: "王五"},
	}
	for name, content := range map[string]string{
		"UTF-8": agentsFile, "GBK": gbk(t, agentsFile), "with a mark": "\xef\xbb\xbf" + agentsFile,
		"Unix": strings.ReplaceAll(agentsFile, "\r", ""), "DOS": agentsFile + "\x1a", "no end of line": strings.TrimSuffix(agentsFile, "\r\n"),
	} {
		got, err := Parse(strings.NewReader(content), format(t, piped))
		if err != nil || len(got.Wrong) > 0 || !reflect.DeepEqual(got.Lines, want) || got.TotalFen != 142250 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got.Hash != sha256.Sum256([]byte(content)) {
			t.Errorf("%s: the hash is not of the file", name)
		}
	}
}

// Fixed columns are counted in bytes of the file, as banks define them; the
// header says the sums and the direction its side.
func TestParseFixed(t *testing.T) {
	t.Parallel()
	f := format(t, `{"encoding": "gbk", "date": "YYYY-MM-DD", "amount": "fen", "debit": ["借"], "credit": ["贷"],
		"columns": {"date": [1, 10], "reference": [11, 6], "text": [37, 8], "card": [17, 10], "amount": [27, 8], "direction": [35, 2],
			"result": [45, 2], "reason": [47, 8]}, "paid": ["00"],
		"header": {"begins": "H", "count": [2, 4], "total": [6, 8]}}`)
	content := gbk(t, "H000300000050\n"+
		"2026-03-05R00001810000000100000100贷张三    00\n"+
		"2026-03-05R00002          00000100借李四光  01余额不足\n"+
		"2026-03-05R00003          00000050贷王五    00\n")
	got, err := Parse(strings.NewReader(content), f)
	want := []Line{
		{No: 2, Day: day(t, "2026-03-05"), Reference: "R00001", Card: "8100000001", Fen: 100, Text: "张三", Paid: true},
		{No: 3, Day: day(t, "2026-03-05"), Reference: "R00002", Fen: -100, Text: "李四光", Reason: "余额不足"},
		{No: 4, Day: day(t, "2026-03-05"), Reference: "R00003", Fen: 50, Text: "王五", Paid: true},
	}
	if err != nil || len(got.Wrong) > 0 || !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("%+v, %v", got, err)
	}
	// Cut within the last line's amount, it is not a smaller amount.
	short := content[:len(content)-len("0贷xx    00\n")-4]
	if got, err := Parse(strings.NewReader(short), f); err != nil || len(got.Wrong) != 1 || got.Wrong[0].Args["Line"] != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	utf8 := strings.Replace(piped, "auto", "utf-8", 1)
	for name, c := range map[string]struct {
		format, content string
		want            error
		line            any
	}{
		"the trailer is missing": {piped, strings.Split(agentsFile, "T|")[0], ErrTruncated, nil},
		"nothing":                {piped, "", ErrTruncated, nil},
		"a line is missing":      {piped, strings.Replace(agentsFile, "20260305|P001|1001|张瓅|200.00\r\n", "", 1), ErrTotals, nil},
		"the total is another":   {piped, strings.Replace(agentsFile, "1422.50", "1422.51", 1), ErrTotals, nil},
		"the total is no amount": {piped, strings.Replace(agentsFile, "1422.50", "", 1), ErrTotals, nil},
		"the count is no number": {piped, strings.Replace(agentsFile, "T|3", "T|三", 1), ErrTotals, nil},
		"twice in one":           {piped, agentsFile + agentsFile, ErrAfterEnd, 6},
		"GBK said to be UTF-8":   {utf8, gbk(t, strings.SplitN(agentsFile, "\n", 2)[0]) + "\n" + gbk(t, strings.SplitN(agentsFile, "\n", 2)[1]), ErrEncoding, 2},
		"UTF-8 said to be GBK":   {strings.Replace(piped, "auto", "gbk", 1), "\xef\xbb\xbf" + agentsFile, ErrEncoding, 1},
		"neither":                {piped, strings.Replace(agentsFile, "张瓅", "\xff\xff", 1), ErrEncoding, 2},
		"a zero byte":            {piped, strings.Replace(agentsFile, "张瓅", "\x00", 1), ErrEncoding, 2},
		"a sum beyond 64 bits":   {piped, "x\n20260305|A|1|x|92233720368547758.07\n20260305|B|1|x|0.01\n", ErrSum, 3},
	} {
		got, err := Parse(strings.NewReader(c.content), format(t, c.format))
		var said *vending.Error
		if !errors.Is(err, c.want) || !reflect.DeepEqual(got, File{}) || !errors.As(err, &said) || said.Args["Line"] != c.line {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWrongLines(t *testing.T) {
	t.Parallel()
	for text, what := range map[string]string{
		"20260230|P|1|x|1.00": "file_date", "19990101|P|1|x|1.00": "file_date", "|P|1|x|1.00": "file_date",
		"20260305||1|x|1.00": "file_reference", "20260305|P|-1|x|1.00": "file_customer", "20260305|P|1.0|x|1.00": "file_customer",
		"20260305|P|9223372036854775808|x|1.00": "file_customer",
		"20260305|P|1|x|1.001":                  "file_amount", "20260305|P|1|x|": "file_amount", "20260305|P|1|x|0.00": "file_amount",
		"20260305|P|1|x|1,00": "file_amount", "20260305|P|1|x|1e3": "file_amount", "20260305|P|1|x|0x10": "file_amount", "20260305|P|1|x|.5": "file_amount",
		"20260305|P|1|x|--5": "file_amount", "20260305|P|1|x|92233720368547758.08": "file_amount", "20260305|P|1|x|-92233720368547758.08": "file_amount",
		"20260305|P|1|x": "file_line", "20260305|P|1|\"x|1.00": "file_line", "20260305|P|1|\"x\"y|1.00": "file_line",
	} {
		content := "title\n20260305|P001|1001|张三|200.00\n" + text + "\nT|2|201.00\n"
		got, err := Parse(strings.NewReader(content), format(t, piped))
		if err != nil || len(got.Lines) != 1 || len(got.Wrong) != 1 || got.Wrong[0].Args["Line"] != 3 || got.Wrong[0].Args["What"] != what {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// One wrong line among 100,000 is named, and the others are read.
func TestOneWrongLineAmongMany(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("title\n")
	for i := range 100_000 {
		if i == 77_776 {
			b.WriteString("20260305|P77776|1001|张三|十元\n")
			continue
		}
		fmt.Fprintf(&b, "20260305|P%d|1001|张三|10.00\n", i)
	}
	b.WriteString("T|100000|1000000.00\n")
	got, err := Parse(strings.NewReader(b.String()), format(t, piped))
	if err != nil || len(got.Lines) != 99_999 || len(got.Wrong) != 1 || got.Wrong[0].Args["Line"] != 77_778 || got.Wrong[0].Args["Value"] != "十元" {
		t.Errorf("%d lines, %v, %v", len(got.Lines), got.Wrong, err)
	}
}

func TestReadFormatRefuses(t *testing.T) {
	t.Parallel()
	for _, change := range [][2]string{
		{`"auto"`, `"latin-1"`}, {`"|"`, `"||"`}, {`"|"`, `""`}, {`"|"`, `"\""`}, {`"YYYYMMDD"`, `"DDMMYY"`}, {`"yuan"`, `"jiao"`},
		{`"amount": 5`, `"text": 5`}, {`"begins": "T", `, ``}, {`"count": 2, "total": 3`, `"begins": "T"`}, {`"amount": 5`, `"amount": [5, 3]`},
		{`"amount": 5`, `"amount": 5, "direction": 6`}, {`"amount": 5`, `"amount": 5, "result": 6`}, {`"skip": 1`, `"skip": -1`},
		{`"skip"`, `"skipp"`}, {`}}`, `}`}, {`"amount": 5`, `"amount": -5`}, {`"amount": 5`, `"amount": "five"`},
	} {
		text := strings.Replace(piped, change[0], change[1], 1)
		if f, err := ReadFormat(strings.NewReader(text)); !errors.Is(err, ErrDescription) || !reflect.DeepEqual(f, Format{}) {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
}

func drawLine(t *rapid.T) Line {
	name := rapid.StringOf(rapid.SampledFrom([]rune(`张瓅李四|," 0T`)))
	l := Line{
		Day:       vending.Date(rapid.IntRange(10957, 40000).Draw(t, "day")),
		Customer:  rapid.Int64Range(0, 3).Draw(t, "customer"),
		Reference: rapid.StringMatching(`[A-S0-9]{1,3}`).Draw(t, "reference"),
		Fen:       rapid.Int64Range(-300, 300).Filter(func(n int64) bool { return n != 0 }).Draw(t, "fen"),
		Text:      strings.TrimSpace(name.Draw(t, "text")),
	}
	return l
}

func drawFile(t *rapid.T) (lines []Line, content string) {
	b := "title\n"
	total := int64(0)
	for i := range rapid.IntRange(0, 6).Draw(t, "lines") {
		l := drawLine(t)
		l.No = i + 2
		customer := ""
		if l.Customer > 0 {
			customer = fmt.Sprint(l.Customer)
		}
		b += fmt.Sprintf("%s|%s|%s|\"%s\"|%s\n", strings.ReplaceAll(l.Day.String(), "-", ""), l.Reference, customer,
			strings.ReplaceAll(l.Text, `"`, `""`), vending.FormatYuan(l.Fen))
		total += l.Fen
		lines = append(lines, l)
	}
	b += fmt.Sprintf("T|%d|%s\n", len(lines), vending.FormatYuan(total))
	if rapid.Bool().Draw(t, "gbk") {
		b, _ = simplifiedchinese.GBK.NewEncoder().String(b)
	}
	return lines, b
}

// What was written is read; cut off anywhere, a file is refused, or lost nothing.
func TestNoPartOfAFileIsAFile(t *testing.T) {
	t.Parallel()
	f := format(t, piped)
	rapid.Check(t, func(t *rapid.T) {
		want, content := drawFile(t)
		got, err := Parse(strings.NewReader(content), f)
		if err != nil || len(got.Wrong) > 0 || !reflect.DeepEqual(got.Lines, want) {
			t.Fatalf("%q: %+v, %v", content, got, err)
		}
		at := rapid.IntRange(0, len(content)-1).Draw(t, "at")
		if got, err := Parse(strings.NewReader(content[:at]), f); err == nil && !reflect.DeepEqual(got.Lines, want) {
			t.Fatalf("%q: %+v", content[:at], got)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(piped, []byte(agentsFile))
	f.Add(`{"date":"YYYYMMDD","amount":"fen","columns":{"date":[1,8],"reference":[9,1],"amount":[10,3]},"unchecked":true}`, []byte("20260305A001\n"))
	f.Fuzz(func(t *testing.T, text string, content []byte) {
		format, err := ReadFormat(strings.NewReader(text))
		if err != nil {
			return
		}
		file, err := Parse(strings.NewReader(string(content)), format)
		if err != nil && !reflect.DeepEqual(file, File{}) {
			t.Errorf("%+v with %v", file, err)
		}
		total := int64(0)
		for _, l := range file.Lines {
			total += l.Fen
			if l.Fen == 0 || l.Reference == "" || l.Customer < 0 || l.No < 1 {
				t.Errorf("%+v", l)
			}
		}
		if total != file.TotalFen {
			t.Errorf("total %d, lines %d", file.TotalFen, total)
		}
	})
}
