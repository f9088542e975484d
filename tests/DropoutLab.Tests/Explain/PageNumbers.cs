using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Explain;

/// <summary>The numbers in an explain page's source, by the names of their arrays.</summary>
internal static partial class PageNumbers
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>
    /// The numbers of every array, which a reader sees rounded. One that is shown twice must be the same both times.
    /// </summary>
    public static Dictionary<string, double[]> Read(string page)
    {
        Dictionary<string, double[]> arrays = [];
        foreach (Match match in Array().Matches(page))
        {
            string name = match.Groups["name"].Value;
            int? decimals = match.Groups["tag"].Value == "strong" ? null : Decimals(name);
            double[] values = [.. Value().Matches(match.Value).Select(value => Read(name, value, decimals))];
            Assert.NotEmpty(values);
            if (!arrays.TryAdd(name, values))
                Assert.Equal(arrays[name], values);
        }

        return arrays;
    }

    private static double Read(string name, Match number, int? decimals)
    {
        double value = double.Parse(number.Groups["value"].Value, CultureInfo.InvariantCulture);
        AssertIsShown(name, value, WebUtility.HtmlDecode(number.Groups["text"].Value), decimals);
        return value;
    }

    /// <summary>How many decimals an array's numbers have; null for as many as they need, and two at most.</summary>
    private static int? Decimals(string name) => name.Split('.')[^1] switch
    {
        _ when name.Contains(".network.", StringComparison.Ordinal) => null,
        "forward_factor" or "backward_factor" => null,
        "forward_view" or "backward_view" => 2,
        "input" => name.StartsWith("rules.", StringComparison.Ordinal) ? 2 : 1,
        "weight" => 1,
        _ => 3,
    };

    /// <summary>
    /// What is tiny has a power of ten; what is crossed out is a bare 0, or a dash where there is no such weight.
    /// </summary>
    private static void AssertIsShown(string name, double value, string text, int? decimals)
    {
        if (value == 0 && text is "0" or "–")
            return;
        Assert.DoesNotContain("-", text, StringComparison.Ordinal);
        string plain = string.Concat(text.Replace("·10", "e", StringComparison.Ordinal).Select(Plain));
        Match shown = Shown().Match(plain);
        Assert.True(shown.Success, $"{name}: {text}");
        int count = shown.Groups["decimals"].Length, power = 0;
        if (shown.Groups["power"].Success)
        {
            Assert.InRange(Math.Abs(value), double.Epsilon, 0.01);
            power = int.Parse(shown.Groups["power"].Value, CultureInfo.InvariantCulture);
        }
        else
        {
            Assert.InRange(count, decimals ?? 0, decimals ?? 2);
            count = decimals ?? 2;
        }

        double halfUnit = 0.5 * Math.Pow(10, power - count);
        Assert.Equal(value, double.Parse(plain, CultureInfo.InvariantCulture), halfUnit * (1 + 1e-9));
    }

    private static char Plain(char letter) => letter is '−' or '⁻' ? '-'
        : Superscripts.IndexOf(letter, StringComparison.Ordinal) is var digit and >= 0 ? (char)('0' + digit)
        : letter;

    [GeneratedRegex("""<(?<tag>svg|strong) [^>]*?data-array="(?<name>[^"]+)".*?</\k<tag>>""",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Array();

    [GeneratedRegex("""data-value="(?<value>[^"]+)"[^>]*>(?<text>[^<]*)<""", RegexOptions.ExplicitCapture)]
    private static partial Regex Value();

    [GeneratedRegex("""^-?[0-9]+(\.(?<decimals>[0-9]+))?(e(?<power>-?[0-9]+))?$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Shown();
}
