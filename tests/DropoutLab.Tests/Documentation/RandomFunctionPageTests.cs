using System.Globalization;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Random;

namespace DropoutLab.Tests.Documentation;

/// <summary>
/// The bits and windows that docs/random-function.md states, which the program in it prints, are those that training uses.
/// </summary>
public sealed class RandomFunctionPageTests
{
    [Fact]
    public void TheStatedBitsAreRight()
    {
        SourceTree.Require();
        string[][] rows = Rows(columns: 8);

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

    [Fact]
    public void TheStatedWindowsAreRight()
    {
        SourceTree.Require();
        string[][] rows = Rows(columns: 6);

        Assert.True(rows.Length >= 9, $"{rows.Length} rows");
        foreach (string[] row in rows)
        {
            RandomFunction random = new(ulong.Parse(row[0], CultureInfo.InvariantCulture));
            ImageWindow window = Augmentation.CropAndFlip.Draw(
                random, uint.Parse(row[1], CultureInfo.InvariantCulture), uint.Parse(row[2], CultureInfo.InvariantCulture));
            Assert.Equal(new ImageWindow(Whole(row[3]), Whole(row[4]), row[5] == "1"), window);
        }
    }

    /// <summary>The rows of numbers of tables with so many columns.</summary>
    private static string[][] Rows(int columns) =>
        [.. SourceTree.Read("docs", "random-function.md").Split('\n').Where(line => line.StartsWith('|')).Select(Cells)
            .Where(cells => cells.Length == columns && char.IsDigit(cells[0][0]))];

    private static string[] Cells(string line) => line.Trim('|').Split('|', StringSplitOptions.TrimEntries);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
