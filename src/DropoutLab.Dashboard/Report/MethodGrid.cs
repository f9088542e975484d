using System.Globalization;
using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>A table's cells as method × ratio, like the poster's Table 1.</summary>
/// <param name="Number">Of the table in the sweep, from 0.</param>
/// <param name="Table">The statistics.</param>
/// <param name="Plain">The network without dropout; null where the sweep has none.</param>
/// <param name="Ratios">Of all methods, the largest first; schedules at the end.</param>
/// <param name="Methods">In the order in which the sweep has them.</param>
public sealed record MethodGrid(
    int Number, TableSummary Table, TableCell? Plain, IReadOnlyList<string> Ratios, IReadOnlyList<Method> Methods)
{
    /// <summary>How the network without dropout is called.</summary>
    public const string PlainName = "plain";

    public static MethodGrid Of(TableSummary table, int number)
    {
        TableCell[] cells = [.. table.Cells.Select(TableCell.Of)];
        TableCell[] dropped = [.. cells.Where(cell => !cell.Dropout.IsPlain)];
        return new MethodGrid(
            number, table, cells.FirstOrDefault(cell => cell.Dropout.IsPlain),
            [.. dropped.Select(cell => cell.Ratio).Distinct().OrderByDescending(Size)],
            MethodsOf(dropped));
    }

    /// <summary>The grids of all tables of a sweep.</summary>
    public static IReadOnlyList<MethodGrid> All(IEnumerable<TableSummary> tables) => [.. tables.Select(Of)];

    /// <summary>Whether rows and columns say more than a list of the cells does.</summary>
    public bool IsWorthATable => Ratios.Count > 1 && Methods.Count > 1;

    /// <summary>Whether the poster has a figure for one of the cells.</summary>
    public bool HasPoster => Table.ComparesWithPoster;

    /// <summary>Whether some of the cells are of the network, the images and a ratio of the poster's Figure 1.</summary>
    public bool IsOfFigure1 => SitesWithRatios is null && PosterTable1.IsAbout(Setting("model"), Setting("dataset"))
        && Ratios.Any(ReportFigures.PosterRatios.Contains);

    /// <summary>
    /// The sites of the cells where some have ratios of their own, as on the command line; null where all have the rule's.
    /// </summary>
    public string? SitesWithRatios =>
        Table.Cells.Select(TableCell.Of).FirstOrDefault(cell => cell.Dropout.HasRatiosOfSites)?.Dropout.Sites.ToString();

    /// <summary>Appended to identifiers, which are unique on a page.</summary>
    public string Suffix => Number == 0 ? "" : $"-{Number + 1}";

    /// <summary>The identifier of the table's section.</summary>
    public string Id => $"results{Suffix}";

    private string Setting(string name) => Table.Settings.GetValueOrDefault(name, "");

    private static double Size(string ratio) =>
        double.TryParse(ratio, NumberStyles.Float, CultureInfo.InvariantCulture, out double size)
        ? size
        : double.NegativeInfinity;

    /// <summary>
    /// Of several methods of a kind, the first has the kind's sign and the others have signs that no kind here has; of more than
    /// there are, a dash and a marker that no other has together.
    /// </summary>
    private static IReadOnlyList<Method> MethodsOf(IReadOnlyList<TableCell> dropped)
    {
        List<Method> methods = [];
        int combined = Method.Signs;
        Queue<int> free = new(Enumerable.Range(0, Method.Signs)
            .Except(dropped.Select(cell => Method.SignOf(cell.Rule.Kind)).Append(Method.SignOf(DropoutKind.None))));
        foreach (IGrouping<DropoutKind, TableCell> kind in dropped.GroupBy(cell => cell.Rule.Kind))
        {
            foreach ((int i, IGrouping<RatioSchedule, TableCell> cells) in kind.GroupBy(
                cell => cell.Rule.SecondDropProbability).Index())
            {
                int sign = i == 0 ? Method.SignOf(kind.Key) : free.TryDequeue(out int next) ? next : combined++;
                // A sweep of an earlier version may have a cell twice, under two spellings.
                Dictionary<string, TableCell> byRatio = cells.DistinctBy(cell => cell.Ratio).ToDictionary(cell => cell.Ratio);
                methods.Add(new Method(Name(cells.First().Rule), Method.StyleOf(kind.Key, sign), byRatio));
            }
        }

        return methods;
    }

    private static string Name(DropoutRule rule) =>
        rule.SecondDropProbability.IsZero ? rule.Name : $"{rule.Name}, q = {rule.SecondDropProbability}";
}
