using System.Globalization;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Cli.Display;

/// <summary>A sweep's statistics on the terminal: the tables, and the verdicts on the poster's observations.</summary>
internal static class SweepTables
{
    private const string Nothing = "–";

    public static void Write(CommandConsole console, SweepSummary summary)
    {
        foreach (TableSummary table in summary.Tables)
        {
            console.Output.WriteLine();
            if (table.Name.Length > 0)
                console.Output.WriteLine(table.Name);
            WriteCells(console, table);
            foreach (Observation observation in table.Observations)
                console.Output.WriteLine($"p = {observation.Ratio}: {observation.Verdict.ToString().ToLowerInvariant()}: {observation.Text}");
        }
    }

    private static void WriteCells(CommandConsole console, TableSummary table)
    {
        bool hasPoster = table.Cells.Any(cell => cell.PosterAccuracy is not null);
        string[] columns = ["dropout", "n", "test accuracy", "± 95%", "over plain", "train loss", "test loss"];
        ResultTable result = new(console, hasPoster ? [.. columns, "poster"] : columns);
        foreach (CellSummary cell in table.Cells)
        {
            string[] figures =
            [
                cell.Dropout, $"{cell.TestAccuracy.Count}", Number(cell.TestAccuracy.Mean), Number(cell.TestAccuracy.High - cell.TestAccuracy.Mean),
                Number(cell.AgainstPlain?.TestAccuracy.Mean, "+0.0000;-0.0000;0.0000"), Number(cell.TrainLoss.Mean), Number(cell.TestLoss.Mean),
            ];
            result.AddRow(hasPoster ? [.. figures, Number(cell.PosterAccuracy)] : figures);
        }

        result.Write();
    }

    private static string Number(double? value, string format = "0.0000") => value?.ToString(format, CultureInfo.InvariantCulture) ?? Nothing;
}
