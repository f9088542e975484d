using System.Text;
using DropoutLab.Data.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

public sealed class StsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void FieldsBetweenTabsWithoutQuoting()
    {
        const string Text = "main-news\tMSRpar\t2012\t1\t4.75\t\"A, quote\tcafé \"\tsource\thttp\r\n\nx\tx\tx\tx\t0\tb\tc\n";
        IReadOnlyList<StsPair> pairs = StsFile.Read(folder.Make("sts.csv", Encoding.UTF8.GetBytes(Text)));

        Assert.Equal([new StsPair(4.75, "\"A, quote", "café \""), new StsPair(0, "b", "c")], pairs);
        Assert.Equal(["\"A, quote", "café \"", "b", "c"], StsFile.Sentences(pairs));
    }

    [Theory]
    [InlineData("x\tx\tx\tx\t1\ta\tb\nx\tx\tx\tx\t5\ta\n", "sts.csv, line 2: it has 6 fields, 7 at least")]
    [InlineData("x\tx\tx\tx\t5,0\ta\tb\n", "sts.csv, line 1: its 5th field, the score, is '5,0': 0 to 5 is needed")]
    [InlineData("x\tx\tx\tx\t5.01\ta\tb\n", "is '5.01'")]
    [InlineData("x\tx\tx\tx\tNaN\ta\tb\n", "is 'NaN'")]
    [InlineData("", "has 0 pairs: two of different scores")]
    [InlineData("x\tx\tx\tx\t5\ta\tb\nx\tx\tx\tx\t5\ta\tb\n", "has 2 pairs: two of different scores")]
    public void WhatIsNoFileOfPairsIsOneLine(string text, string complaint) =>
        OneLine.Throws(() => StsFile.Read(folder.Make("sts.csv", Encoding.UTF8.GetBytes(text))), folder["sts.csv"], complaint);

    [Fact]
    public void BytesThatAreNotUtf8AreOneLine() => OneLine.Throws(
        () => StsFile.Read(folder.Make("sts.csv", [.. "x\tx\tx\tx\t5\ta\tb\nx"u8, 0xff])), "sts.csv, line 2: it is not UTF-8");

    /// <summary>
    /// Angles between first and second: 0°, 90°, 60° and 180°, so cosines 1, 0, 1/2 and −1, of ranks 4, 2, 3, 1; scores 5, 1, 4,
    /// 1 have ranks 4, 1.5, 3, 1.5. Σ(x − x̄)(y − ȳ) = 4.5 with Σ(x − x̄)² = 5 and Σ(y − ȳ)² = 4.5.
    /// </summary>
    [Fact]
    public void TheMetricsAreTheDefinitions()
    {
        StsPair[] pairs = [.. new double[] { 5, 1, 4, 1 }.Select(score => new StsPair(score, "", ""))];
        double root = Math.Sqrt(3) / 2;
        double[][] rows = [[2, 0], [3, 0], [1, 0], [0, 5], [0, 1], [root, 0.5], [0, 4], [0, -1]];
        StsMetrics metrics = StsMetrics.Of(pairs, [.. rows.SelectMany(row => row)]);

        Assert.Equal(4, metrics.Pairs);
        Assert.Equal(4.5 / Math.Sqrt(5 * 4.5), metrics.Spearman, 1e-12);
        Assert.Equal((0 + 1) / 2.0, metrics.Alignment!.Value, 1e-12); // ‖u − v‖² is 0 at 0° and 1 at 60°
        // Of lengths 1 there are 3 of 0°, 3 of 90°, 1 of 30° and 1 of −90°: pairs of 0°, 60°, 30°, 90°, 120° and 180° in turn.
        double E(double square) => Math.Exp(-2 * square);
        double sum = 6 * E(0) + 3 * E(1) + 3 * E(2 - 2 * root) + 9 * E(2) + 3 * E(2) + 1 * E(3) + 3 * E(4);
        Assert.Equal(Math.Log(sum / 28), metrics.Uniformity, 1e-12);
    }

    [Fact]
    public void WhatIsUndefinedIsSaid()
    {
        StsPair[] pairs = [new(1, "", ""), new(2, "", "")];
        StsMetrics collapsed = StsMetrics.Of(pairs, [1, 1, 1, 1, 1, 1, 1, 1]);

        Assert.Equal(0, collapsed.Spearman);
        Assert.Null(collapsed.Alignment);
        Assert.Equal(0, collapsed.Uniformity, 1e-12);
        Assert.Throws<ArgumentException>(() => StsMetrics.Of(pairs, [1, 1, 1, 1, 1]));
    }
}
