using System.Globalization;
using System.Text.RegularExpressions;

namespace DropoutLab.Tests.Explain;

/// <summary>The numbers in an explain page's source, by the names of their arrays.</summary>
internal static partial class PageNumbers
{
    /// <summary>The numbers of every array. One that is shown twice must be the same both times.</summary>
    public static Dictionary<string, double[]> Read(string page)
    {
        Dictionary<string, double[]> arrays = [];
        foreach (Match match in Array().Matches(page))
        {
            string name = match.Groups["name"].Value;
            double[] values = [.. Value().Matches(match.Value).Select(value => double.Parse(value.Groups["value"].Value, CultureInfo.InvariantCulture))];
            Assert.NotEmpty(values);
            if (!arrays.TryAdd(name, values))
                Assert.Equal(arrays[name], values);
        }

        return arrays;
    }

    [GeneratedRegex("""<(?<tag>svg|strong) [^>]*?data-array="(?<name>[^"]+)".*?</\k<tag>>""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Array();

    [GeneratedRegex("""(?<=data-value=")(?<value>[^"]+)""")]
    private static partial Regex Value();
}
