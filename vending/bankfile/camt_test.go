package bankfile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

const statementOfMarch = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>
<Stmt><Id>S1</Id><Acct><Id><Othr><Id>4403001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">88.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><Sum>1011.5</Sum></TtlNtries>
<TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>500</Sum></TtlCdtNtries><TtlDbtNtries><Sum>511.50</Sum></TtlDbtNtries></TxsSummry>
<Ntry><Amt Ccy="CNY">200.00000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-05</Dt></BookgDt>
<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>1-17</EndToEndId></Refs><RmtInf><Ustrd>班次 1-17 解款</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">300</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-03-06T09:00:00+08:00</DtTm></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>W1</EndToEndId></Refs><Amt Ccy="CNY">100</Amt></TxDtls>
<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><AcctSvcrRef>B2</AcctSvcrRef></Refs><Amt Ccy="CNY">200</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><NtryRef>N3</NtryRef><Amt Ccy="CNY">511.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-06</Dt></BookgDt>
<AddtlNtryInf>手续费</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>
`

func TestParseCAMT(t *testing.T) {
	t.Parallel()
	want := []Line{
		{No: 9, Day: day(t, "2026-03-05"), Reference: "1-17", Fen: 20000, Text: "班次 1-17 解款"},
		{No: 11, Day: day(t, "2026-03-06"), Reference: "W1", Fen: 10000},
		{No: 11, Day: day(t, "2026-03-06"), Reference: "B2", Fen: 20000},
		{No: 14, Day: day(t, "2026-03-06"), Reference: "N3", Fen: -51150, Text: "手续费"},
	}
	for name, text := range map[string]string{
		"UTF-8": statementOfMarch, "GBK": gbk(t, strings.Replace(statementOfMarch, "UTF-8", "GBK", 1)),
		"version 2": strings.Replace(statementOfMarch, "001.08", "001.02", 1), "a prefix": prefixed(statementOfMarch),
	} {
		got, err := ParseCAMT(strings.NewReader(text))
		if err != nil || len(got.Wrong) > 0 || !reflect.DeepEqual(got.Lines, want) || got.TotalFen != -1150 || got.Account != "4403001" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got.Hash != sha256.Sum256([]byte(text)) {
			t.Errorf("%s: the hash is not of the file", name)
		}
	}
}

func prefixed(s string) string {
	s = strings.NewReplacer("<?", "<?", "</", "</n:", "<", "<n:").Replace(s)
	return strings.Replace(s, "xmlns=", "xmlns:n=", 1)
}

func TestParseCAMTRefuses(t *testing.T) {
	t.Parallel()
	for change, want := range map[[2]string]error{
		{"camt.053", "camt.054"}: ErrNotCAMT, {"<Document", "<document"}: ErrNotCAMT,
		{"<NbOfNtries>3", "<NbOfNtries>4"}: ErrTotals, {"<Sum>1011.5<", "<Sum>1011.51<"}: ErrTotals, {"<Sum>500<", "<Sum>500.01<"}: ErrTotals,
		{"<Sum>511.50<", "<Sum>x<"}: ErrTotals, {"88.50", "88.51"}: ErrTotals, {"88.50", "88.505"}: ErrTotals,
		{"UTF-8", "EBCDIC"}: ErrEncoding, {"</AcctSvcrRef><NtryDtls>", "<NtryDtls>"}: ErrLine, {"解款", "&evil;"}: ErrLine,
		{"</Stmt>", "</Stmt><Stmt><Acct><Id><IBAN>X</IBAN></Id></Acct></Stmt>"}: ErrAccounts,
		{">511.50</Amt>", ">92233720368547758.07</Amt>"}:                        ErrSum,
	} {
		text := strings.Replace(statementOfMarch, change[0], change[1], 1)
		if text == statementOfMarch {
			t.Fatal(change)
		}
		if got, err := ParseCAMT(strings.NewReader(text)); !errors.Is(err, want) || !reflect.DeepEqual(got, File{}) {
			t.Errorf("%v: %+v, %v", change, got, err)
		}
	}
	for _, text := range []string{"", "x", "<?xml version='1.0'?>", "20260305|P|1", "<html></html>"} {
		if got, err := ParseCAMT(strings.NewReader(text)); !errors.Is(err, ErrNotCAMT) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestWrongEntries(t *testing.T) {
	t.Parallel()
	for change, what := range map[[2]string]string{
		{`<Amt Ccy="CNY">511.50`, `<Amt Ccy="USD">511.50`}: "file_currency", {`<Amt Ccy="CNY">511.50`, `<Amt>511.50`}: "file_currency",
		{">511.50</Amt>", ">511.501</Amt>"}: "file_amount", {">511.50</Amt>", ">-511.50</Amt>"}: "file_amount", {">511.50</Amt>", ">5e2</Amt>"}: "file_amount",
		{">511.50</Amt><CdtDbtInd>DBIT", ">511.50</Amt><CdtDbtInd>DEBT"}:                     "file_direction",
		{"<Sts>BOOK</Sts><BookgDt><Dt>", "<Sts>PDNG</Sts><BookgDt><Dt>"}:                     "file_status",
		{"<Sts>BOOK</Sts><BookgDt><Dt>2026-03-06", "<Sts>BOOK</Sts><BookgDt><Dt>2026-02-30"}: "file_date",
		{`<Amt Ccy="CNY">100</Amt>`, `<Amt Ccy="CNY">101</Amt>`}:                             "file_amount",
	} {
		got, err := ParseCAMT(strings.NewReader(strings.Replace(statementOfMarch, change[0], change[1], 1)))
		if err != nil || len(got.Wrong) != 1 || got.Wrong[0].Args["What"] != what || got.Wrong[0].Args["Line"].(int) < 11 {
			t.Errorf("%v: %+v, %v", change, got, err)
		}
	}
}

// Cut off anywhere, a statement is refused.
func TestNoPartOfAStatementIsOne(t *testing.T) {
	t.Parallel()
	whole := strings.TrimSuffix(statementOfMarch, "\n")
	for at := range len(whole) {
		if got, err := ParseCAMT(strings.NewReader(whole[:at])); err == nil {
			t.Fatalf("%q: %+v", whole[max(0, at-20):at], got)
		} else if known := new(vending.Error); !errors.As(err, &known) {
			t.Fatalf("%q: %v", whole[max(0, at-20):at], err)
		}
	}
}

// Amounts are exact, whatever their number of digits.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "fen")
		zeros := strings.Repeat("0", rapid.IntRange(0, 3).Draw(t, "zeros"))
		if got, ok := yuan(vending.FormatYuan(n) + zeros); !ok || got != n {
			t.Fatalf("%d: %d, %v", n, got, ok)
		}
		if got, ok := fen(fmt.Sprintf("%020d", n)); !ok || got != n {
			t.Fatalf("%d: %d, %v", n, got, ok)
		}
	})
}

func FuzzParseCAMT(f *testing.F) {
	f.Add([]byte(statementOfMarch))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := ParseCAMT(strings.NewReader(string(content)))
		if err != nil && !reflect.DeepEqual(file, File{}) {
			t.Errorf("%+v with %v", file, err)
		}
		total := int64(0)
		for _, l := range file.Lines {
			total += l.Fen
		}
		if total != file.TotalFen {
			t.Errorf("total %d, lines %d", file.TotalFen, total)
		}
	})
}
