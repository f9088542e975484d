using DropoutLab.Dashboard.Charts;
using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments;

namespace DropoutLab.Dashboard.Report;

/// <summary>A sweep's report as one HTML page, and its pictures as SVG files.</summary>
public static class ReportDocument
{
    /// <summary>The style sheets of <see cref="ReportBody"/>, for the page that holds it.</summary>
    public static IReadOnlyList<string> StyleSheets { get; } = ["Charts/Chart.css", "Report/Report.css"];

    /// <summary>The page: one file, which needs no other and no script.</summary>
    public static Task<string> RenderPageAsync(SweepSummary summary) =>
        StaticPage.RenderAsync<ReportPage>(new Dictionary<string, object?> { [nameof(ReportPage.Summary)] = summary });

    /// <summary>The content of each picture's file, under the file's name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RenderPicturesAsync(SweepSummary summary)
    {
        Dictionary<string, string> files = [];
        foreach (ChartFigure figure in MethodGrid.All(summary.Tables).SelectMany(grid => new ReportFigures(grid).Files))
        {
            files[$"{figure.Name}.svg"] = await StaticPage.RenderAsync<ChartFigureFile>(
                new Dictionary<string, object?> { [nameof(ChartFigureFile.Figure)] = figure });
        }

        return files;
    }
}
