using System.CommandLine;
using System.Globalization;
using CsvHelper;
using DropoutLab.Classification;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Runs;

namespace DropoutLab.Cli.Commands;

/// <summary>What a run's network says of pictures, or of the rows of tables.</summary>
internal sealed class PredictCommand : Command
{
    private const string Table = "table", Csv = "csv", Json = "json";

    private readonly CommandConsole console;
    private readonly Argument<string> folder = CommandOption.PathArgument("RUN", "The run's folder");
    private readonly Argument<string[]> files = new("FILE")
    {
        Description = "Pictures in PNG or JPEG, or folders of such; for a run on a table CSV files with its columns",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> format = CommandOption.Create<string>(
        "--format", $"{Table}|{Csv}|{Json}", "What to print: for people; every probability, for programs; a JSON object a line",
        Table, ReadFormat);

    private readonly Option<int?> monteCarlo = CommandOption.Create(
        "--monte-carlo", "K",
        "Predict by the mean of K passes with the run's dropout on, and tell their standard deviation too", "none",
        CommandOption.WholeNumber(1, MonteCarloEvaluation.MostPasses));

    private readonly Option<ulong?> seed = CommandOption.Create(
        "--seed", "N", "What the masks of the K passes derive from", "the run's", CommandOption.Seed);

    private readonly ComputeOptions compute;

    public PredictCommand(CommandConsole console)
        : base("predict", "Predict the classes of pictures or of a table's rows, or numbers, by a run's checkpoint.")
    {
        this.console = console;
        Add(folder);
        Add(files);
        Add(format);
        Add(monteCarlo);
        Add(seed);
        compute = new ComputeOptions(this, ofRun: true);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        string run = parse.GetRequiredValue(folder);
        int? passes = parse.GetValue(monteCarlo);
        if (parse.GetValue(seed) is not null && passes is null)
            throw new DropoutLabException("--seed is for the masks of --monte-carlo K; without that, nothing is drawn");
        RunConfiguration configuration = RunConfiguration.Read(run);
        if (configuration.Sentences is not null)
            throw new DropoutLabException($"{run} is a run on sentences: see {console.Program} embed");
        if (passes is not null && configuration.ToDropout().IsPlain)
            throw new DropoutLabException(
                $"--monte-carlo needs a run with dropout; {run} was trained with {configuration.Dropout}");
        using Compute device = compute.Open(parse, configuration);
        using Predictor predictor = Predictor.Open(run, device.Backend);
        IEnumerable<Prediction> predictions = parse.GetRequiredValue(files)
            .SelectMany(path => Predict(predictor, path, passes, parse.GetValue(seed)));
        switch (parse.GetValue(format) ?? Table)
        {
            case Csv: WriteCsv(predictor, [.. predictions]); break;
            case Json: WriteJson(predictor, predictions); break;
            default: WriteTable(predictor, [.. predictions]); break;
        }

        return ExitCode.Success;
    }

    /// <summary>The predictions for a picture, a folder of pictures, or a table.</summary>
    private IEnumerable<Prediction> Predict(Predictor predictor, string path, int? passes, ulong? seed)
    {
        if (predictor.Columns is { } columns)
        {
            Table rows = columns.Read(path);
            return Split(
                predictor, passes is { } drawn
                    ? predictor.PredictMonteCarlo(rows, drawn, seed, console.Cancellation)
                    : Alone(predictor.Predict(rows, console.Cancellation)), row => (path, row + 1));
        }

        string[] pictures = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(Pictures.IsPicture)
                .Order(StringComparer.Ordinal)]
            : [path];
        if (pictures.Length == 0)
            throw new DropoutLabException($"{path} has no picture: .png, .jpg or .jpeg files are needed");
        ImageSet images = predictor.ReadPictures(pictures);
        return Split(
            predictor, passes is { } count
                ? predictor.PredictMonteCarlo(images, count, seed, console.Cancellation)
                : Alone(predictor.Predict(images, console.Cancellation)), image => (pictures[image], null));
    }

    private static PredictionSpread Alone(ReadOnlyMemory<double> predictions) => new(predictions, default, PassesDiffer: false);

    private static IEnumerable<Prediction> Split(
        Predictor predictor, PredictionSpread all, Func<int, (string File, int? Row)> nameOf)
    {
        int width = Math.Max(1, predictor.ClassNames.Count);
        for (int i = 0; i * width < all.Means.Length; i++)
        {
            (string file, int? row) = nameOf(i);
            yield return new Prediction(
                file, row, all.Means.Slice(i * width, width).ToArray(),
                all.StandardDeviations.IsEmpty ? null : all.StandardDeviations.Slice(i * width, width).ToArray());
        }
    }

    private void WriteTable(Predictor predictor, Prediction[] predictions)
    {
        bool hasRows = predictions[0].Row is not null, hasSpread = predictions[0].Spread is not null;
        ResultTable table = new(
            console, [
                "file", .. hasRows ? ["row"] : Array.Empty<string>(),
                .. predictor.PredictsNumbers ? [$"{predictor.Columns!.Target}"] : new[] { "<class", "probability" },
                .. hasSpread ? ["± standard deviation"] : Array.Empty<string>(),
            ]);
        foreach (Prediction prediction in predictions)
        {
            int best = prediction.Best;
            table.AddRow(
            [
                prediction.File, .. hasRows ? [$"{prediction.Row}"] : Array.Empty<string>(),
                .. predictor.PredictsNumbers
                    ? [$"{prediction.Values[0]:g6}"]
                    : new[] { predictor.ClassNames[best], $"{prediction.Values[best]:f4}" },
                .. prediction.Spread is { } spread
                    ? [predictor.PredictsNumbers ? $"{spread[best]:g3}" : $"{spread[best]:f4}"]
                    : Array.Empty<string>(),
            ]);
        }

        table.Write();
    }

    private void WriteCsv(Predictor predictor, Prediction[] predictions)
    {
        using CsvWriter csv = new(console.Output, CultureInfo.InvariantCulture, leaveOpen: true);
        bool hasRows = predictions[0].Row is not null, hasSpread = predictions[0].Spread is not null;
        IEnumerable<string> names = predictor.PredictsNumbers ? [predictor.Columns!.Target] : predictor.ClassNames;
        Line(
        [
            "file", .. hasRows ? ["row"] : Array.Empty<string>(), .. predictor.PredictsNumbers ? [] : new[] { "class" }, .. names,
            .. hasSpread ? names.Select(name => $"standard deviation of {name}") : [],
        ]);
        foreach (Prediction prediction in predictions)
        {
            Line(
            [
                prediction.File, .. hasRows ? [$"{prediction.Row}"] : Array.Empty<string>(),
                .. predictor.PredictsNumbers ? [] : new[] { predictor.ClassNames[prediction.Best] },
                .. prediction.Values.Concat(prediction.Spread ?? [])
                    .Select(number => number.ToString(CultureInfo.InvariantCulture)),
            ]);
        }

        void Line(IEnumerable<string> cells)
        {
            foreach (string cell in cells)
                csv.WriteField(cell);
            csv.NextRecord();
        }
    }

    private void WriteJson(Predictor predictor, IEnumerable<Prediction> predictions)
    {
        foreach (Prediction prediction in predictions)
        {
            console.Output.WriteLine(predictor.PredictsNumbers
                ? JsonOutput.Line(new
                {
                    prediction.File,
                    prediction.Row,
                    Number = prediction.Values[0],
                    StandardDeviation = prediction.Spread?[0],
                })
                : JsonOutput.Line(new
                {
                    prediction.File,
                    prediction.Row,
                    Class = predictor.ClassNames[prediction.Best],
                    Probability = prediction.Values[prediction.Best],
                    Probabilities = Named(prediction.Values),
                    StandardDeviations = prediction.Spread is { } spread ? Named(spread) : null,
                }));
        }

        Dictionary<string, double> Named(double[] values) => predictor.ClassNames.Zip(values).ToDictionary();
    }

    private static string ReadFormat(string text) => text is Table or Csv or Json
        ? text
        : throw new DropoutLabException($"'{text}' is no format: use {Table}, {Csv} or {Json}");

    /// <param name="File">Of the picture, or of the row.</param>
    /// <param name="Row">From 1, of a table.</param>
    /// <param name="Values">A probability for each class, or the number.</param>
    /// <param name="Spread">The standard deviation of each over the passes, where there are several.</param>
    private sealed record Prediction(string File, int? Row, double[] Values, double[]? Spread)
    {
        public int Best => Array.IndexOf(Values, Values.Max());
    }
}
