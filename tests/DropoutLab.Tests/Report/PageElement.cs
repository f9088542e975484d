using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Report;

/// <summary>An element of a report that holds a number of summary.json.</summary>
internal sealed partial record PageElement(IReadOnlyDictionary<string, string> Data)
{
    /// <summary>Where in summary.json the number stands, as in tables.0.cells.none.test_accuracy.</summary>
    public string Path => Data.TryGetValue("run", out string? run) ? $"runs.{run}.{Data["metric"]}"
        : Data.TryGetValue("cell", out string? cell) ? $"tables.{Data["table"]}.cells.{cell}.{Data["metric"]}"
        : $"tables.{Data["table"]}.{Data["metric"]}";

    /// <summary>The numbers of a page's source.</summary>
    public static IReadOnlyList<PageElement> All(string page) =>
    [
        .. Tag().Matches(page).Select(tag => new PageElement(Attribute().Matches(tag.Value)
            .ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value)))),
    ];

    /// <summary>Asserts that every number of the element is the summary's, to the last bit.</summary>
    public void AssertIsThatOf(JsonElement summary)
    {
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
            Assert.Equal(value.GetProperty(end).ValueKind == JsonValueKind.Null ? null : value.GetProperty(end).GetDouble(), Number(end));
    }

    private double? Number(string name) => Data.TryGetValue(name, out string? text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private JsonElement Find(JsonElement summary)
    {
        if (Data.TryGetValue("run", out string? run))
            return Named(summary.GetProperty("runs"), run).GetProperty(Data["metric"]);
        JsonElement element = summary.GetProperty("tables")[int.Parse(Data["table"], CultureInfo.InvariantCulture)];
        if (Data.TryGetValue("cell", out string? cell))
            element = Named(element.GetProperty("cells"), cell);
        foreach (string part in Data["metric"].Split('.'))
            element = int.TryParse(part, CultureInfo.InvariantCulture, out int index) ? element[index] : element.GetProperty(part);
        return element;
    }

    private static JsonElement Named(JsonElement list, string name) => list.EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);

    [GeneratedRegex("""<[a-z]+ [^>]*data-metric=[^>]*>""")]
    private static partial Regex Tag();

    [GeneratedRegex(@"data-(?<name>[a-z]+)=""(?<value>[^""]*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Attribute();
}
