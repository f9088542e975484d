using System.Globalization;
using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Documentation;

/// <summary>No line of a C# source is longer than .editorconfig says, which no formatter holds.</summary>
public sealed partial class LineWidthTests
{
    [Fact]
    public void LinesAreNoLongerThanTheEditorsSettingsSay()
    {
        SourceTree.Require();
        int columns = int.Parse(Columns().Match(SourceTree.Read(".editorconfig")).Groups[1].Value, CultureInfo.InvariantCulture);

        IEnumerable<string> tooLong =
            from file in SourceTree.Files(".", "*.cs")
            from line in File.ReadLines(file).Index()
            where line.Item.EnumerateRunes().Count() > columns
            select $"{file}:{line.Index + 1} has more than {columns} columns";

        Assert.Empty(tooLong);
    }

    [GeneratedRegex("max_line_length = ([0-9]+)")]
    private static partial Regex Columns();
}
