using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Backends;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>A setting that files have as the text that the command line has.</summary>
internal abstract class SettingConverter<T>(Func<string, T> parse, Func<T, string> text) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return parse(reader.GetString() ?? throw new JsonException("a text is needed, not null"));
        }
        catch (DropoutLabException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(text(value));
}

internal sealed class RuleConverter() : SettingConverter<DropoutRule>(DropoutRule.Parse, rule => rule.ToString());

internal sealed class SitesConverter() : SettingConverter<SiteSelection>(SiteSelection.Parse, sites => sites.ToString());

internal sealed class SharingConverter() : SettingConverter<MaskSharing>(MaskSharing.Parse, sharing => sharing.ToString());

internal sealed class AugmentationConverter()
    : SettingConverter<Augmentation>(Augmentation.Parse, augmentation => augmentation.ToString());

internal sealed class PoolingConverter() : SettingConverter<Pooling>(SentenceSettings.PoolingOf, SentenceSettings.NameOf);

internal sealed class BatchStatisticsConverter()
    : SettingConverter<BatchStatistics>(TrainingOptions.ParseStatistics, TrainingOptions.NameOf);

internal sealed class PrecisionConverter() : SettingConverter<Precision>(Precisions.Parse, Precisions.ShortName);

/// <summary>By name; its numbers have entries of their own.</summary>
internal sealed class ObjectiveConverter()
    : SettingConverter<Objective>(RunConfiguration.FindObjective, objective => objective.Name);

/// <inheritdoc cref="ObjectiveConverter"/>
internal sealed class OptimizerConverter()
    : SettingConverter<Optimizer>(RunConfiguration.FindOptimizer, optimizer => optimizer.Name);
