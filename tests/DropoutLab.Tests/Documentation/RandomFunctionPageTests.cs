using System.Globalization;
using DropoutLab.Dropout;

namespace DropoutLab.Tests.Documentation;

/// <summary>The bits that docs/random-function.md states, which the program in it prints, are the bits that training uses.</summary>
public sealed class RandomFunctionPageTests
{
    [Fact]
    public void TheStatedBitsAreRight()
    {
        if (!SourceTree.IsAtHand)
            return;
        string[][] rows = [.. SourceTree.Read("docs", "random-function.md").Split('\n').Where(IsRow).Select(Cells)];

        Assert.True(rows.Length >= 10, $"{rows.Length} rows");
        foreach (string[] row in rows)
        {
            MaskStream stream = new(
                ulong.Parse(row[0], CultureInfo.InvariantCulture), Whole(row[1]), Whole(row[2]),
                uint.Parse(row[3], CultureInfo.InvariantCulture), double.Parse(row[6], CultureInfo.InvariantCulture));
            bool keeps = stream.Keeps((uint)Whole(row[4]), Whole(row[5]));
            Assert.True(row[7] == (keeps ? "1" : "0"), string.Join(' ', row));
        }
    }

    private static bool IsRow(string line) => line.StartsWith('|') && Cells(line) is { Length: 8 } cells && char.IsDigit(cells[0][0]);

    private static string[] Cells(string line) => line.Trim('|').Split('|', StringSplitOptions.TrimEntries);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
