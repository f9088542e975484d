using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Exchange;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Classification;

/// <summary>A trained classifier, to predict with: it takes a run's folder or a checkpoint, none of the training data.</summary>
/// <remarks>
/// Threads may share a predictor. It and its backend do one thing at a time: who wants several side by side takes both for each.
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly Network network;
    private readonly ParameterStore parameters;
    private readonly Evaluator evaluator;
    private readonly Backend backend;
    private readonly Checkpoint.Preparation preparation;
    private readonly RunConfiguration? run;

    private Predictor(
        Network network, Checkpoint.Preparation preparation, ParameterStore parameters, Backend backend, RunConfiguration? run)
    {
        (this.network, this.parameters, this.preparation, this.backend) = (network, parameters, preparation, backend);
        this.run = run;
        evaluator = new Evaluator(network, objective: null, DropoutSettings.None, backend, parameters);
    }

    /// <summary>What a datum is, such as [H, W, C] of images.</summary>
    public Shape Input => network.Input.Datum;

    /// <summary>What it tells apart, in the order of the probabilities.</summary>
    public IReadOnlyList<string> ClassNames => preparation.ClassNames;

    /// <summary>How a file's columns become the input; null where it was trained on images, or on a table from no file.</summary>
    public TableColumns? Columns => preparation.TextOf(TableColumns.TextName) is { } text ? TableColumns.Parse(text) : null;

    /// <summary>Whether it predicts numbers: it was trained for mean square error. Else it is probabilities.</summary>
    public bool PredictsNumbers => run?.Objective is MeanSquareError;

    /// <summary>Reads config.json and the checkpoint of a run that has completed an epoch.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="backend">What computes, in the run's precision if it can; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">
    /// There is no run or no checkpoint, it is damaged, of another run, or of a version before 0.2.0, which left out what makes
    /// the input.
    /// </exception>
    public static Predictor Open(string folder, Backend backend)
    {
        RunConfiguration configuration = RunConfiguration.Read(folder);
        Checkpoint.RequireOf(configuration, folder);
        string checkpoint = Checkpoint.PathIn(folder);
        DatasetSource? published = DataChoice.IsOwn(configuration.Dataset) ? null : DatasetCatalog.Find(configuration.Dataset);
        Network network = configuration.CreateNetwork(published?.Description ?? Checkpoint.DescribeData(checkpoint));
        return Open(
            checkpoint, network, published, backend,
            backend.Supports(configuration.Precision) ? configuration.Precision : backend.PreferredPrecision, configuration);
    }

    /// <summary>Reads a checkpoint of a network of one's own.</summary>
    /// <param name="checkpoint">What <see cref="Checkpoint.Write"/> has written.</param>
    /// <param name="network">What was trained: the same name, the same parameters.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="precision">What it computes in; what it prefers if null.</param>
    /// <exception cref="DropoutLabException">
    /// There is no checkpoint, it is damaged or of another network, or the backend does not compute in the precision.
    /// </exception>
    public static Predictor Open(string checkpoint, Network network, Backend backend, Precision? precision = null)
    {
        if (precision is { } asked)
            backend.RequireSupport(asked);
        return Open(checkpoint, network, data: null, backend, precision ?? backend.PreferredPrecision, run: null);
    }

    private static Predictor Open(
        string checkpoint, Network network, DatasetSource? data, Backend backend, Precision precision, RunConfiguration? run)
    {
        ParameterStore parameters = new(network.Parameters, precision);
        try
        {
            return new Predictor(
                network, Checkpoint.ReadNetwork(checkpoint, network, data, parameters), parameters, backend, run);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Pictures as it was trained on such: see <see cref="Pictures"/>.</summary>
    /// <param name="paths">PNG or JPEG files.</param>
    /// <exception cref="DropoutLabException">A file is damaged or no picture, or it was not trained on images.</exception>
    public ImageSet ReadPictures(IReadOnlyList<string> paths)
    {
        RequireTrainedOnImages();
        int margin = run is null || DataChoice.IsOwn(run.Dataset) ? 0 : DatasetCatalog.Find(run.Dataset).Margin;
        return Pictures.Read(paths, Input[0], Input[1], Input[2], margin);
    }

    /// <summary>Each image's probabilities, softmax(z).</summary>
    /// <param name="images">What to predict. Their labels are not looked at: 0 will do.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>[N, classes], row by row.</returns>
    /// <exception cref="DropoutLabException">
    /// The images are not such as the network takes, or it was not trained on images.
    /// </exception>
    public ReadOnlyMemory<double> Predict(ImageSet images, CancellationToken cancellation = default) =>
        Predict(Prepared(images), cancellation);

    /// <summary>Each row's probabilities, softmax(z), or its number where such are predicted.</summary>
    /// <inheritdoc cref="Predict(ImageSet, CancellationToken)"/>
    public ReadOnlyMemory<double> Predict(Table rows, CancellationToken cancellation = default) =>
        Predict(Prepared(rows), cancellation);

    /// <summary>
    /// The mean of several passes with the run's dropout on, as it was at the end of its schedule, each with fresh masks, and
    /// their spread.
    /// </summary>
    /// <param name="images">What to predict.</param>
    /// <param name="passes">K, from 1 to <see cref="MonteCarloEvaluation.MostPasses"/>.</param>
    /// <param name="seed">What the masks derive from; the run's own seed if null.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">
    /// The number of passes is out of range, the data are not such as the network takes, or it is not of a run's folder.
    /// </exception>
    public PredictionSpread PredictMonteCarlo(
        ImageSet images, int passes, ulong? seed = null, CancellationToken cancellation = default) =>
        PredictMonteCarlo(Prepared(images), passes, seed, cancellation);

    /// <inheritdoc cref="PredictMonteCarlo(ImageSet, int, ulong?, CancellationToken)"/>
    public PredictionSpread PredictMonteCarlo(
        Table rows, int passes, ulong? seed = null, CancellationToken cancellation = default) =>
        PredictMonteCarlo(Prepared(rows), passes, seed, cancellation);

    /// <summary>
    /// Writes it for other programs, as ONNX: bytes of images [N, H, W, C], or rows of numbers, in; probabilities out, or numbers
    /// where such are predicted.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="foldsBatchNorm">Whether batch normalisation goes into the weights of the convolution before it.</param>
    /// <exception cref="DropoutLabException">
    /// An operator has no counterpart in ONNX, there are more than 2 GB of weights, or the file cannot be written.
    /// </exception>
    public void WriteOnnx(string path, bool foldsBatchNorm = false) => new OnnxExport(network, parameters)
    {
        ArrayOf = preparation.ArrayOf,
        ClassNames = ClassNames,
        GivesProbabilities = !PredictsNumbers,
        FoldsBatchNorm = foldsBatchNorm,
    }.Write(path);

    /// <summary>Writes its parameters for PyTorch: see <see cref="TorchWeights"/>.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DropoutLabException">The file cannot be written.</exception>
    public void WriteWeights(string path) => TorchWeights.Write(path, network, parameters);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        lock (backend.Gate)
        {
            evaluator.Dispose();
            parameters.Dispose();
        }
    }

    private ImageBatches Prepared(ImageSet images)
    {
        RequireTrainedOnImages();
        return new ImageBatches("the set to predict", images, ImageBatches.TransformOf(preparation.ArrayOf)!);
    }

    private TableBatches Prepared(Table rows) => new(
        "the table to predict", rows, TableBatches.ScalingOf(preparation.ArrayOf) ?? throw WasTrainedOnOther("rows"));

    private ReadOnlyMemory<double> Predict(BatchSource data, CancellationToken cancellation)
    {
        data.CheckFit(network.Inputs, network.Name);
        return ClassificationPasses.Predictions(evaluator, data, PredictsNumbers, cancellation);
    }

    private PredictionSpread PredictMonteCarlo(BatchSource data, int passes, ulong? seed, CancellationToken cancellation)
    {
        MonteCarloEvaluation.Check(passes);
        if (run is null)
            throw new DropoutLabException($"{network.Name} is of no run, which would say what is dropped: open a run's folder");
        data.CheckFit(network.Inputs, network.Name);
        using Evaluator dropped = new(
            network, objective: null, run.ToDropout().InEvaluationAfter(uint.MaxValue), backend, parameters);
        return ClassificationPasses.Spread(dropped, data, passes, seed ?? run.Seed, PredictsNumbers, cancellation);
    }

    private void RequireTrainedOnImages()
    {
        if (ImageBatches.TransformOf(preparation.ArrayOf) is null)
            throw WasTrainedOnOther("images");
    }

    private DropoutLabException WasTrainedOnOther(string data) => new($"{network.Name} was not trained on {data}");
}
