using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Report;

/// <summary>An element of a report that holds a number of summary.json.</summary>
/// <param name="Tag">Of a number in the text, span; of a point in a picture, path.</param>
/// <param name="Text">What a reader sees: of a point, where it is pointed at.</param>
/// <param name="Data">What a program reads.</param>
internal sealed partial record PageElement(string Tag, string Text, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>Of the fourth decimal, and a little for the rounding of the numbers themselves.</summary>
    private const double HalfUnit = 0.00005 + 1e-9;

    /// <summary>Where in summary.json the number stands, as in tables.0.cells.none.test_accuracy.</summary>
    public string Path => Data.TryGetValue("run", out string? run) ? $"runs.{run}.{Data["metric"]}"
        : Data.TryGetValue("cell", out string? cell) ? $"tables.{Data["table"]}.cells.{cell}.{Data["metric"]}"
        : $"tables.{Data["table"]}.{Data["metric"]}";

    /// <summary>The numbers of a page's source.</summary>
    public static IReadOnlyList<PageElement> All(string page) =>
    [
        .. Beginning().Matches(page).Select(element => new PageElement(
            element.Groups["tag"].Value, WebUtility.HtmlDecode(element.Groups["text"].Value),
            Attribute().Matches(element.Value)
                .ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value)))),
    ];

    /// <summary>Asserts that every number of the element is the summary's, to the last bit, and that a reader sees it.</summary>
    public void AssertIsThatOf(JsonElement summary)
    {
        AssertIsShown();
        JsonElement value = Find(summary);
        if (value.ValueKind == JsonValueKind.Array)
            value = value.EnumerateArray().Last();
        if (value.ValueKind != JsonValueKind.Object)
        {
            Assert.Equal(value.GetDouble(), Number("value"));
            return;
        }

        Assert.Equal(value.GetProperty("mean").GetDouble(), Number("value"));
        Assert.Equal(value.GetProperty("n").GetInt32(), Number("n"));
        foreach (string end in (string[])["low", "high"])
            Assert.Equal(
                value.GetProperty(end).ValueKind == JsonValueKind.Null ? null : value.GetProperty(end).GetDouble(), Number(end));
    }

    /// <summary>
    /// A count is shown as it is, all else in four decimals, with half the width of its interval where it has one.
    /// </summary>
    private void AssertIsShown()
    {
        Match shown = Shown().Match(Text);
        Assert.True(shown.Success, $"{Path}: {Text}");
        Assert.Equal(Data["metric"].EndsWith(".n", StringComparison.Ordinal),
            !shown.Groups["number"].Value.Contains('.', StringComparison.Ordinal));
        Assert.Equal(Number("value")!.Value, Parse(shown.Groups["number"].Value), HalfUnit);
        Assert.Equal(Number("low") is not null, shown.Groups["half"].Success);
        if (Number("low") is { } low && Number("high") is { } high)
            Assert.Equal((high - low) / 2, Parse(shown.Groups["half"].Value), HalfUnit);
    }

    private static double Parse(string text) => double.Parse(text.Replace('−', '-'), CultureInfo.InvariantCulture);

    private double? Number(string name) =>
        Data.TryGetValue(name, out string? text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private JsonElement Find(JsonElement summary)
    {
        if (Data.TryGetValue("run", out string? run))
            return Named(summary.GetProperty("runs"), run).GetProperty(Data["metric"]);
        JsonElement element = summary.GetProperty("tables")[int.Parse(Data["table"], CultureInfo.InvariantCulture)];
        if (Data.TryGetValue("cell", out string? cell))
            element = Named(element.GetProperty("cells"), cell);
        foreach (string part in Data["metric"].Split('.'))
            element = int.TryParse(part, CultureInfo.InvariantCulture, out int index)
                ? element[index]
                : element.GetProperty(part);
        return element;
    }

    private static JsonElement Named(JsonElement list, string name) =>
        list.EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);

    [GeneratedRegex("""<(?<tag>[a-z]+) [^>]*data-metric=[^>]*>(<title>)?(?<text>[^<]*)<""", RegexOptions.ExplicitCapture)]
    private static partial Regex Beginning();

    [GeneratedRegex(@"(^|: )(?<number>[+−]?[0-9]+(\.[0-9]{4})?)( ± (?<half>[0-9]+\.[0-9]{4}))?( \(n = [0-9]+\))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shown();

    [GeneratedRegex(@"data-(?<name>[a-z]+)=""(?<value>[^""]*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Attribute();
}
