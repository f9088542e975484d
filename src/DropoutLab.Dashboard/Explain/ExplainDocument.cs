using DropoutLab.Dashboard.Shared;
using DropoutLab.Explanations;

namespace DropoutLab.Dashboard.Explain;

/// <summary>An explanation as one HTML page, and its pictures as SVG files.</summary>
public static class ExplainDocument
{
    /// <summary>The page: one file, which needs no other, and whose own script answers changes of the example.</summary>
    public static Task<string> RenderPageAsync(Explanation explanation) =>
        StaticPage.RenderAsync<ExplainPage>(new Dictionary<string, object?> { [nameof(ExplainPage.Explanation)] = explanation });

    /// <summary>The content of each picture's file, under the file's name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RenderPicturesAsync(Explanation explanation)
    {
        Dictionary<string, string> files = [];
        foreach (Figure figure in new ExplainFigures(explanation).All)
            files[$"{figure.Name}.svg"] = await StaticPage.RenderAsync<FigureFile>(
                new Dictionary<string, object?> { [nameof(FigureFile.Figure)] = figure });
        return files;
    }
}
