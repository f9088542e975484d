using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Dashboard.Report;

/// <summary>
/// Where in summary.json a number of the page stands, as data attributes, so that a program can compare the two.
/// </summary>
internal static class NumberKey
{
    /// <summary>Of a number in a cell of a table.</summary>
    /// <param name="grid">The table.</param>
    /// <param name="cell">The cell's name.</param>
    /// <param name="metric">The path below the cell, as in against_plain.test_accuracy.</param>
    public static Dictionary<string, object> OfCell(MethodGrid grid, string cell, string metric) =>
        new() { ["data-table"] = grid.Number, ["data-cell"] = cell, ["data-metric"] = metric };

    /// <summary>Of a number in a table.</summary>
    /// <param name="grid">The table.</param>
    /// <param name="metric">The path below the table, as in observations.0.statements.2.difference.</param>
    public static Dictionary<string, object> OfTable(MethodGrid grid, string metric) =>
        new() { ["data-table"] = grid.Number, ["data-metric"] = metric };

    /// <summary>Of a run's number.</summary>
    /// <param name="run">The run's name.</param>
    /// <param name="metric">The list in which it is the last.</param>
    public static Dictionary<string, object> OfRun(string run, string metric) =>
        new() { ["data-run"] = run, ["data-metric"] = metric };

    /// <summary>With a number in all its digits.</summary>
    public static Dictionary<string, object> With(this Dictionary<string, object> key, double value)
    {
        key["data-value"] = NumberText.Exact(value);
        return key;
    }

    /// <summary>With the numbers of an estimate that has a mean.</summary>
    public static Dictionary<string, object> With(this Dictionary<string, object> key, Estimate estimate)
    {
        key.With(estimate.Mean!.Value)["data-n"] = estimate.Count;
        if (estimate is { Low: { } low, High: { } high })
            (key["data-low"], key["data-high"]) = (NumberText.Exact(low), NumberText.Exact(high));
        return key;
    }
}
