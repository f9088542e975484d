using DropoutLab.Dashboard.Shared;
using DropoutLab.Experiments;

namespace DropoutLab.Dashboard.Report;

/// <summary>A sweep's report as one HTML page, and its pictures as SVG files.</summary>
public static class ReportDocument
{
    /// <summary>The style sheets of <see cref="ReportBody"/>, for the page that holds it.</summary>
    public static IReadOnlyList<string> StyleSheets { get; } = ["Report/Report.css"];

    /// <summary>The page: one file, which needs no other and no script.</summary>
    public static Task<string> RenderPageAsync(SweepSummary summary) =>
        StaticPage.RenderAsync<ReportPage>(new Dictionary<string, object?> { [nameof(ReportPage.Summary)] = summary });
}
