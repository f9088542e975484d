using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Cli.Display;

/// <summary>A sweep's statistics on the terminal: the tables, and the verdicts on the poster's observations.</summary>
internal static class SweepTables
{
    public static void Write(CommandConsole console, SweepSummary summary)
    {
        foreach (TableSummary table in summary.Tables)
        {
            console.Output.WriteLine();
            if (table.Name.Length > 0)
                console.Output.WriteLine(table.Name);
            WriteCells(console, table);
            foreach (Observation observation in table.Observations)
                console.Output.WriteLine(
                    $"{observation.Topic}: {observation.Verdict.ToString().ToLowerInvariant()}: {observation.Text}");
        }
    }

    private static void WriteCells(CommandConsole console, TableSummary table)
    {
        (string Head, Func<CellSummary, PairedDifference?> Of) over = table.ComparesWithPlain || !table.ComparesWithStandard
            ? ("over plain", cell => cell.AgainstPlain) : ("over standard", cell => cell.AgainstStandard);
        string[] columns = ["dropout", "n", "test accuracy", "± 95%", over.Head, "train loss", "test loss"];
        ResultTable result = new(console, table.ComparesWithPoster ? [.. columns, "poster"] : columns);
        foreach (CellSummary cell in table.Cells)
        {
            string[] figures =
            [
                $"{cell.Dropout}", $"{cell.TestAccuracy.Count}",
                EstimateWords.Number(cell.TestAccuracy.Mean),
                EstimateWords.Number(cell.TestAccuracy.High - cell.TestAccuracy.Mean),
                Difference(over.Of(cell)?.TestAccuracy, cell.TestAccuracy.Count), EstimateWords.Number(cell.TrainLoss.Mean),
                EstimateWords.Number(cell.TestLoss.Mean),
            ];
            result.AddRow(table.ComparesWithPoster ? [.. figures, EstimateWords.Number(cell.PosterAccuracy)] : figures);
        }

        result.Write();
    }

    /// <summary>The intervals are in the report; of how few pairs a difference is has to be known here too.</summary>
    private static string Difference(Estimate? difference, int runs) =>
        EstimateWords.Difference(difference is null ? null : difference with { Low = null, High = null }, runs);
}
